/* What a compiled plugin of Hansa is: a shared library with three C symbols and no code.
 *
 * The CMake call hansa_add_plugin(NAME) makes such a library from a folder of tables; this header is
 * for those who build one in another way, and documents what the loader demands.
 *
 *   hansa_plugin_abi    must equal HANSA_PLUGIN_ABI; read before anything else
 *   hansa_plugin_data   first byte of the tables, anywhere in the library's own segments
 *   hansa_plugin_size   number of bytes there
 *
 * The library exports nothing else, needs no other library and runs nothing when it is loaded: the
 * loader copies the data and closes the library at once, so that the file may be replaced
 * while the gateway runs and no foreign code stays in its process. Compile with -fno-gnu-unique and
 * hidden visibility: a single GNU-unique symbol would keep the library mapped for ever.
 *
 * The data, all numbers little-endian, offsets from the first byte:
 *
 *   0   8 bytes   "HANSAPLG"
 *   8   uint32    HANSA_PLUGIN_BLOB_VERSION
 *   12  uint32    number of entries, at most HANSA_PLUGIN_ENTRIES_MAX
 *   16  uint64    size of all data; equals hansa_plugin_size
 *   24  32 bytes  SHA-256 of bytes 0 to 23 and of all from 56 on
 *   56  entries   each: uint32 length of the name, uint32 zero, uint64 offset, uint64 length, name;
 *                 sorted by name, each name once
 *   ..  the entries' bytes, inside of the data and not before the end of the table of entries
 *
 * Names of entries are relative paths with '/':
 *
 *   plugin.toml                     who and what (core/plugin/descriptor.h says which keys)
 *   mappings/X.map, codes/X.codes   as in the plugin's folder
 *   other/NAME/codes/X.codes        code lists of another plugin that the tables use
 *   schemas/DIR/X.xsd               schemas, with all that they include or import
 *   grammars/FORMAT-ID              compiled grammar of each format (core/schema/grammar.h)
 *   README.md
 */
#ifndef HANSA_PLUGIN_H
#define HANSA_PLUGIN_H

#include <stdint.h>

#define HANSA_PLUGIN_ABI 1u
#define HANSA_PLUGIN_BLOB_VERSION 1u
#define HANSA_PLUGIN_ENTRIES_MAX 10000u
#define HANSA_PLUGIN_NAME_BYTES_MAX 255u
#define HANSA_PLUGIN_BYTES_MAX 268435456u /* 256 MiB of data */

#ifdef __cplusplus
extern "C" {
#endif

#define HANSA_PLUGIN_EXPORT __attribute__((visibility("default")))

HANSA_PLUGIN_EXPORT extern const uint32_t hansa_plugin_abi;
HANSA_PLUGIN_EXPORT extern const unsigned char* const hansa_plugin_data;
HANSA_PLUGIN_EXPORT extern const uint64_t hansa_plugin_size;

#ifdef __cplusplus
}
#endif

#endif
