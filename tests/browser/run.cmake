# Installs playwright-core where package-lock.json changed, writes the pages, drives them in Chromium.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/Npm.cmake)
file(COPY ${FROM}/ DESTINATION ${TO} FILES_MATCHING PATTERN "*.mjs" PATTERN "package*.json" PATTERN node_modules EXCLUDE)
npm_install(${NPM} ${TO})
run(${TO} ${FIXTURE} ${TO}/pages)
run(${TO} ${NODE} page.test.mjs ${TO}/pages)
message(STATUS "${output}")
