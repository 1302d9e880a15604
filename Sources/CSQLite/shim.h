#include <sqlite3.h>

// Memory statistics take a lock for each allocation; sqlite3_config is variadic.
static inline int eventdrop_sqlite_keep_no_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
