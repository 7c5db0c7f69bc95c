/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a fuzz target over every file of the folders named on the command line, so that a corpus is
 * a regression test in builds without libFuzzer. A folder that is absent or empty fails: a target
 * whose corpus is lost would otherwise pass for ever. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *folder, const char *name)
{
    char path[4096];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        return -1;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    uint8_t *room = malloc(INPUT_BYTES_MAX);
    const size_t size = room == NULL ? 0 : fread(room, 1, INPUT_BYTES_MAX, file);
    (void)fclose(file); /* only read */

    /* An exact copy, so that the sanitizer sees a read past the end of the input. */
    uint8_t *input = malloc(size + (size == 0));
    const int ok = room != NULL && input != NULL;
    if (ok) {
        memcpy(input, room, size);
        (void)LLVMFuzzerTestOneInput(input, size); /* reports by aborting */
    }
    free(input);
    free(room);
    return ok ? 0 : -1;
}

static long replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return -1;
    }
    long files = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (replay_file(folder, entry->d_name) != 0) {
            files = -1;
            break;
        }
        files++;
    }
    (void)closedir(dir); /* only read */
    return files;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const long files = replay_folder(argv[i]);
        if (files <= 0) {
            (void)fprintf(stderr, "%s: no corpus could be read\n", argv[i]);
            return 1;
        }
        (void)printf("%s: %ld inputs\n", argv[i], files);
    }
    return argc > 1 ? 0 : 2;
}
