// Runs a fuzz target over files, and over all files of folders: the corpus as an ordinary test, with any compiler. A
// file of the name found.tar holds what fuzzing has found, many small files.
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 20, DESCRIPTORS = 8, BLOCK = 512, SIZE_AT = 124, SIZE_DIGITS = 12 };

static unsigned replayed, failures;

static void run(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1); // its own block, so that a read past the end is seen
    if (!exact)
        abort();
    memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    for (size_t cut = 0; cut < size; cut += 1 + size / 64) // and every kind of truncation
        LLVMFuzzerTestOneInput(exact, cut);
    free(exact);
    replayed++;
}

// POSIX ustar: a block that says how many bytes follow, in octal; they fill whole blocks; an empty block ends it.
static void run_archive(const uint8_t *data, size_t length)
{
    char digits[SIZE_DIGITS + 1] = "";
    for (size_t at = 0; at + BLOCK <= length && data[at];) {
        memcpy(digits, data + at + SIZE_AT, SIZE_DIGITS);
        size_t size = strtoul(digits, NULL, 8);
        at += BLOCK;
        if (size > length - at) {
            fprintf(stderr, "found.tar is cut off\n");
            failures++;
            return;
        }
        run(data + at, size);
        at += (size + BLOCK - 1) / BLOCK * BLOCK;
    }
}

static int run_path(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    if (kind == FTW_D)
        return 0;
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(LARGEST);
    size_t size = file && data ? fread(data, 1, LARGEST, file) : 0;
    if (!file || !data) {
        fprintf(stderr, "%s: cannot read\n", path);
        failures++;
    } else if (strcmp(path + place->base, "found.tar") == 0) {
        run_archive(data, size);
    } else {
        run(data, size);
    }
    if (file)
        fclose(file);
    free(data);
    return 0;
}

int main(int count, char **paths)
{
    for (int i = 1; i < count; i++)
        if (nftw(paths[i], run_path, DESCRIPTORS, FTW_PHYS) != 0)
            failures++;
    return failures || !replayed;
}
