# SPDX-License-Identifier: Apache-2.0
# cmake -D SOURCE= -D FOLDER= -D GENERATOR= -P check_uninstall.cmake: the target `uninstall` removes all that is installed, and
# nothing else.
file(REMOVE_RECURSE ${FOLDER})
file(WRITE ${FOLDER}/prefix/include/other.hpp "")
file(WRITE ${FOLDER}/prefix/share/doc/quench/note.txt "")
foreach(arguments
    "-S;${SOURCE};-B;${FOLDER}/build;-G;${GENERATOR};-DCMAKE_CXX_COMPILER=${COMPILER};-DQUENCH_BUILD_TESTS=OFF;-DQUENCH_BUILD_EXAMPLES=OFF"
    "--install;${FOLDER}/build;--prefix;${FOLDER}/prefix" "--build;${FOLDER}/build;--target;uninstall")
  file(GLOB_RECURSE before RELATIVE ${FOLDER}/prefix ${FOLDER}/prefix/*)
  execute_process(COMMAND ${CMAKE_COMMAND} ${arguments} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
list(LENGTH before count)
file(GLOB_RECURSE after LIST_DIRECTORIES TRUE RELATIVE ${FOLDER}/prefix ${FOLDER}/prefix/*)
list(FILTER after EXCLUDE REGEX "^(share|share/(cmake|pkgconfig|doc|doc/quench))$")  # folders of others too, and of the note
if(count LESS 200 OR NOT after STREQUAL "include;include/other.hpp;share/doc/quench/note.txt")
  message(FATAL_ERROR "of ${count} files the target leaves: ${after}")
endif()
