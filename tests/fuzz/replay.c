// Runs a fuzz target over files: the corpus as an ordinary test, with any compiler.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 20 };

static int run(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(LARGEST);
    if (!file || !data) {
        fprintf(stderr, "%s: cannot read\n", path);
        return 1;
    }
    size_t size = fread(data, 1, LARGEST, file);
    fclose(file);
    uint8_t *exact = malloc(size ? size : 1); // its own block, so that a read past the end is seen
    for (size_t i = 0; exact && i < size; i++)
        exact[i] = data[i];
    LLVMFuzzerTestOneInput(exact, size);
    for (size_t cut = 0; cut < size; cut += 1 + size / 64) // and every kind of truncation
        LLVMFuzzerTestOneInput(exact, cut);
    free(exact);
    free(data);
    return 0;
}

int main(int count, char **paths)
{
    int failures = 0;
    for (int i = 1; i < count; i++)
        failures += run(paths[i]);
    return failures || count < 2;
}
