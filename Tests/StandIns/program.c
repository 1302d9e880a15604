// Stands in for the program that `make program` builds, in tests of packaging: linked with the C library alone, it runs
// the program that EVENTDROP_PROGRAM names, with its own arguments.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **words) {
  (void)count;
  const char *program = getenv("EVENTDROP_PROGRAM");
  if (program) execv(program, words);
  perror("EVENTDROP_PROGRAM");
  return 127;
}
