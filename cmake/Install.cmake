# `cmake --install`: the program with its man page and completions, and the library with its headers and find_package(vernier); `cpack` in the build
# folder packs the same as vernier_VERSION_ARCH.deb and .tar.gz.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The library as others link it: one file that shows its own names only.
add_library(vernier_shared SHARED $<TARGET_OBJECTS:library>)
target_link_libraries(vernier_shared PRIVATE study_base)
target_link_options(vernier_shared PRIVATE -Wl,--exclude-libs,ALL)
if(NOT VERNIER_SANITIZE)
  target_link_options(vernier_shared PRIVATE -Wl,--no-undefined)
endif()
target_include_directories(vernier_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(vernier_shared INTERFACE cxx_std_20)
set_target_properties(vernier_shared PROPERTIES OUTPUT_NAME vernier EXPORT_NAME vernier VERSION ${PROJECT_VERSION}
                                                SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

# What the program says of itself.
set(VERNIER_PAGES ${CMAKE_BINARY_DIR}/pages)
add_custom_command(
  OUTPUT ${VERNIER_PAGES}/vernier.1
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:vernier> -DVERSION=${PROJECT_VERSION} -DTO=${VERNIER_PAGES} -P ${CMAKE_SOURCE_DIR}/cmake/pages.cmake
  DEPENDS vernier ${CMAKE_SOURCE_DIR}/cmake/pages.cmake
  COMMENT "man page and completions"
  VERBATIM)
add_custom_target(pages ALL DEPENDS ${VERNIER_PAGES}/vernier.1)

install(TARGETS vernier RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS vernier_shared EXPORT vernier_targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY experiments/library/vernier DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${VERNIER_PAGES}/vernier.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${VERNIER_PAGES}/vernier DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${VERNIER_PAGES}/_vernier DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${VERNIER_PAGES}/vernier.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES store/FORMAT.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/store)
install(DIRECTORY experiments/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/experiments FILES_MATCHING PATTERN "*.yaml"
        PATTERN scheduler EXCLUDE PATTERN study EXCLUDE PATTERN library EXCLUDE)
if(TARGET vernier_cuda)
  install(TARGETS vernier_cuda LIBRARY DESTINATION lib/vernier)  # where engine/cuda/load.cpp looks
endif()

set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/vernier)
install(EXPORT vernier_targets NAMESPACE vernier:: FILE vernier-config.cmake DESTINATION ${config_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/vernier-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/vernier-config-version.cmake DESTINATION ${config_folder})

# The archives that python/CMakeLists.txt links, so that pip compiles one file and not the library.
export(TARGETS library study_base store search core FILE ${CMAKE_BINARY_DIR}/vernier-archives.cmake NAMESPACE vernier_tree::)

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME vernier)
set(CPACK_PACKAGE_CONTACT "Vernier <vernier@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "hyperparameter search and experiment platform")
set(CPACK_PACKAGE_DESCRIPTION "One program trains many networks at once, decides what to try next, records every setting and every
curve in one SQLite database, answers questions about them and writes reports as HTML. With the C++ library for searches over functions of your own.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/deb_triggers.cmake)
include(CPack)
