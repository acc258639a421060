# Installs what package-lock.json names where that changed, lints the page's sources, writes the pages, drives them in Chromium.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/Npm.cmake)
file(COPY ${FROM}/ DESTINATION ${TO} FILES_MATCHING PATTERN "*.mjs" PATTERN "package*.json" PATTERN node_modules EXCLUDE)
npm_install(${NPM} ${TO})

# eslint sees a copy of the sources beside itself, and the page's own packages for their types.
file(REMOVE_RECURSE ${TO}/web)
file(COPY ${WEB}/src ${WEB}/tsconfig.json DESTINATION ${TO}/web)
file(CREATE_LINK ${WEB_BUILD}/node_modules ${TO}/web/node_modules SYMBOLIC)
file(READ ${TO}/web/tsconfig.json config)
string(REPLACE "[\"src\", \"test\"]" "[\"src\"]" config "${config}")
file(WRITE ${TO}/web/tsconfig.json "${config}")
run(${TO} ${NODE} node_modules/eslint/bin/eslint.js --max-warnings 0 --config eslint.config.mjs web/src)

run(${TO} ${FIXTURE} ${TO}/pages)
# What they print is in the log of ctest as it comes.
foreach(test "page.test.mjs;${TO}/pages" "sections.test.mjs;${TO}/pages" "claims.test.mjs;${TO}/pages" "live.test.mjs;${VERNIER};${TO}/pages")
  list(GET test 0 name)
  execute_process(COMMAND ${NODE} ${test} WORKING_DIRECTORY ${TO} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${name} failed (${code})")
  endif()
endforeach()
