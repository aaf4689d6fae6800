# hansa_add_plugin(NAME): plugins/NAME, a folder of tables, becomes NAME.so (core/plugin says how).
function(hansa_add_plugin name)
  set_property(GLOBAL APPEND PROPERTY hansa_plugins ${name})
endfunction()
