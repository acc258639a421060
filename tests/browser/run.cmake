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
foreach(test page.test.mjs sections.test.mjs claims.test.mjs)
  run(${TO} ${NODE} ${test} ${TO}/pages)
  message(STATUS "${output}")
endforeach()
run(${TO} ${NODE} live.test.mjs ${VERNIER} ${TO}/pages)
message(STATUS "${output}")
