#include <sqlite3.h>

// Statistics of memory take a lock for each allocation; sqlite3_config has a variable number of arguments.
static inline int eventdrop_sqlite_keep_no_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
