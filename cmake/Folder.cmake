# What most files include is parsed once a target. -fpch-preprocess and the scripts' CCACHE_SLOPPINESS let ccache serve such builds.
function(vernier_precompile name)
  target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endfunction()

# vernier_folder(NAME [EXCLUDE regex] [LIBS libraries...]): one static library from every .cpp below the current folder.
function(vernier_folder name)
  cmake_parse_arguments(arg "" "EXCLUDE" "LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_LIBS})
  vernier_precompile(${name})
endfunction()
