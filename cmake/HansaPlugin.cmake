# hansa_add_plugin(NAME [FOLDER folder] [SCHEMAS folder] [OUTPUT folder]): the folder of tables becomes lib/hansa/plugins/NAME.so.
#
# hansa-pack-plugin checks the tables, compiles the grammars and writes all of it as one file; the
# library holds that file and three C symbols (core/plugin/sdk/hansa_plugin.h), and no code. It needs
# no other library, so it is linked without any. A fault of a table ends the build with file and line.
function(hansa_add_plugin name)
  cmake_parse_arguments(arg "" "FOLDER;SCHEMAS;OUTPUT" "" ${ARGN})
  if(NOT arg_FOLDER)
    set(arg_FOLDER ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  if(NOT arg_SCHEMAS)
    set(arg_SCHEMAS ${CMAKE_SOURCE_DIR}/schemas)
  endif()
  if(NOT arg_OUTPUT)
    set(arg_OUTPUT ${HANSA_PLUGIN_DIR})
    set_property(GLOBAL APPEND PROPERTY hansa_plugins ${name})
  endif()
  set(made ${CMAKE_BINARY_DIR}/plugins/${name})
  set(blob ${made}/${name}.tables)
  file(GLOB_RECURSE tables CONFIGURE_DEPENDS ${arg_FOLDER}/plugin.toml ${arg_FOLDER}/README.md ${arg_FOLDER}/*.map ${arg_FOLDER}/*.codes ${arg_FOLDER}/*.syntax
    ${arg_FOLDER}/*.rules ${arg_FOLDER}/*.taxes ${arg_FOLDER}/*.modes ${arg_FOLDER}/*.match ${arg_FOLDER}/*.balance ${arg_FOLDER}/*.regulators ${arg_FOLDER}/*.trace
    ${arg_FOLDER}/*.consolidation)
  add_custom_command(OUTPUT ${blob}
    COMMAND hansa-pack-plugin ${arg_FOLDER} ${arg_SCHEMAS} ${blob} ${blob}.d
    DEPENDS hansa-pack-plugin ${tables}
    DEPFILE ${blob}.d
    COMMENT "Tables of plugin ${name}")
  configure_file(${CMAKE_SOURCE_DIR}/core/plugin/sdk/library.cpp.in ${made}/${name}.cpp @ONLY)
  set_source_files_properties(${made}/${name}.cpp PROPERTIES OBJECT_DEPENDS ${blob})
  add_library(hansa_plugin_${name} MODULE ${made}/${name}.cpp)
  add_custom_target(hansa_tables_${name} DEPENDS ${blob})
  add_dependencies(hansa_plugin_${name} hansa_tables_${name})
  target_compile_options(hansa_plugin_${name} PRIVATE -fno-gnu-unique -fvisibility=hidden -Wall -Wextra -Werror)
  target_link_options(hansa_plugin_${name} PRIVATE -nostdlib -Wl,--build-id=none -Wl,-z,noexecstack)
  set_target_properties(hansa_plugin_${name} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT} CXX_COMPILER_LAUNCHER "")
endfunction()
