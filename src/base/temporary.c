#include "base/temporary.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int temporary_file(void)
{
    const char *directory = getenv("TMPDIR");
    int descriptor = open(directory ? directory : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0)
        return descriptor;
    char name[] = "/tmp/thidua-XXXXXX"; // file systems without O_TMPFILE
    descriptor = mkostemp(name, O_CLOEXEC);
    if (descriptor >= 0)
        unlink(name);
    return descriptor;
}
