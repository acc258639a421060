# For scripts run with cmake -P: commands in a folder, and npm packages installed only when package-lock.json has changed (later builds
# need no network).

# run(FOLDER COMMAND...): stops with the command's output where it fails, or has no end within five minutes.
function(run folder)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${folder} RESULT_VARIABLE code TIMEOUT 300
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  list(JOIN ARGN " " command)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${command} failed in ${folder} (${code}):\n${output}")
  endif()
endfunction()

# npm_install(NPM FOLDER): what FOLDER/package-lock.json names.
function(npm_install npm folder)
  file(SHA256 ${folder}/package-lock.json wanted)
  set(installed "")
  if(EXISTS ${folder}/installed.txt)
    file(READ ${folder}/installed.txt installed)
  endif()
  if(NOT installed STREQUAL wanted)
    file(REMOVE ${folder}/installed.txt)
    run(${folder} ${npm} ci --prefer-offline --no-audit --no-fund)
    file(WRITE ${folder}/installed.txt ${wanted})
  endif()
endfunction()
