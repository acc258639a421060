# After cpack: CPack calls ldconfig from maintainer scripts, and dpkg keeps those of a package that was removed. Debian's own way is a trigger, of which
# nothing stays.
foreach(package IN LISTS CPACK_PACKAGE_FILES)
  if(package MATCHES "\\.deb$")
    set(folder ${package}.unpacked)
    file(WRITE ${package}.triggers "activate-noawait ldconfig\n")
    execute_process(COMMAND dpkg-deb -R ${package} ${folder} COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE ${folder}/DEBIAN/postinst ${folder}/DEBIAN/postrm)
    file(RENAME ${package}.triggers ${folder}/DEBIAN/triggers)
    execute_process(COMMAND dpkg-deb --root-owner-group -b ${folder} ${package} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE_RECURSE ${folder})
  endif()
endforeach()
