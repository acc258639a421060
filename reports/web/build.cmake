# cmake -DNPM=... -DFROM=reports/web -DTO=build folder -P build.cmake
# Copies the sources, installs what package-lock.json names (only when that changed: later builds need no network) and builds.
file(MAKE_DIRECTORY ${TO})
file(REMOVE_RECURSE ${TO}/src ${TO}/test)
file(COPY ${FROM}/ DESTINATION ${TO} PATTERN node_modules EXCLUDE PATTERN dist EXCLUDE)
file(SHA256 ${TO}/package-lock.json wanted)
set(installed "")
if(EXISTS ${TO}/installed.txt)
  file(READ ${TO}/installed.txt installed)
endif()

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${TO} RESULT_VARIABLE code
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command} failed in ${TO}:\n${output}")
  endif()
endfunction()

if(NOT installed STREQUAL wanted)
  file(REMOVE ${TO}/installed.txt)
  run(${NPM} ci --prefer-offline --no-audit --no-fund)
  file(WRITE ${TO}/installed.txt ${wanted})
endif()
run(${NPM} run build)
