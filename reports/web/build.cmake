# cmake -DNPM=... -DFROM=reports/web -DTO=build folder -P build.cmake
# Copies the sources, installs what package-lock.json names and builds.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/Npm.cmake)
file(MAKE_DIRECTORY ${TO})
file(REMOVE_RECURSE ${TO}/src ${TO}/test)
file(COPY ${FROM}/ DESTINATION ${TO} PATTERN node_modules EXCLUDE PATTERN dist EXCLUDE)
npm_install(${NPM} ${TO})
run(${TO} ${NPM} run build)
