// What the process is and takes of the machine, for /metrics, by the names that Prometheus' own libraries give it. All
// of it comes from /proc/self.
#include "operate/process.h"

#include "base/temporary.h"
#include "commit.h"

#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double one(void)
{
    return 1;
}

static double cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

// In pages: all, and of them those in memory.
static bool read_pages(unsigned long *ret_all, unsigned long *ret_resident)
{
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return false;
    bool read = fscanf(file, "%lu %lu", ret_all, ret_resident) == 2;
    fclose(file);
    return read;
}

static double virtual_bytes(void)
{
    unsigned long all, resident;
    return read_pages(&all, &resident) ? (double)all * (double)sysconf(_SC_PAGESIZE) : NAN;
}

static double resident_bytes(void)
{
    unsigned long all, resident;
    return read_pages(&all, &resident) ? (double)resident * (double)sysconf(_SC_PAGESIZE) : NAN;
}

static double open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    double count = -3; // ".", ".." and the folder itself
    if (!folder)
        return NAN;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static double most_descriptors(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : NAN;
}

// /proc/self/stat counts in ticks since the machine came up, as CLOCK_BOOTTIME does. The command's name, in brackets,
// may hold anything: what follows is read behind the last one.
static double read_start(void)
{
    char text[1024];
    unsigned long long ticks = 0;
    struct timespec now, up;
    FILE *file = fopen("/proc/self/stat", "re");
    if (!file)
        return NAN;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *rest = strrchr(text, ')');
    // Field 22 of proc(5); the third is the first behind the name.
    if (!rest || sscanf(rest + 1, " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
                        &ticks) != 1)
        return NAN;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    return (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9 +
           (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static double start;

static void keep_start(void)
{
    start = read_start();
}

// A process starts once, whatever the clock is set to: an alert counts how often this changes.
static double started_at(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, keep_start);
    return start;
}

static double temporary(void)
{
    return (double)temporary_bytes();
}

// What the process takes grows with what is written, restricted or not.
#define TELLS .tells_of_writes = true
const struct metrics_gauge process_gauges[] = {
    {"thidua_build_info", "1, with the version of the program and the commit that it was built from.", one,
     .labels = "version=\"" THIDUA_VERSION "\",commit=\"" THIDUA_COMMIT "\""},
    {"process_cpu_seconds_total", "Time of processors spent, in seconds.", cpu_seconds, true, TELLS},
    {"process_resident_memory_bytes", "Memory in use.", resident_bytes, TELLS},
    {"process_virtual_memory_bytes", "Address space in use.", virtual_bytes, TELLS},
    {"process_open_fds", "Open file descriptors.", open_descriptors, TELLS},
    {"process_max_fds", "Most file descriptors that may be open.", most_descriptors, TELLS},
    {"thidua_temporary_bytes", "Bytes of temporary files: uploads, papers, bundles, lists and long answers under way.",
     temporary, TELLS},
    {"process_start_time_seconds", "When the process started, in seconds since 1970.", started_at, TELLS},
    {0},
};
