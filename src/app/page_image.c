/* SPDX-License-Identifier: Apache-2.0 */
#include "app/page_image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/confined.h"
#include "app/file_kind.h"
#include "base/file.h"
#include "store/blob.h"

#define CPU_SECONDS 10
#define WALL_MS 30000
#define MEMORY_BYTES ((size_t)1 << 30)
#define FILE_BYTES ((size_t)64 << 20)
#define PATH_ROOM 4096
#define STALE_SECONDS 3600 /* a child has half a minute */
#define FOLDER_SCAN 64     /* entries that are looked at; the child makes one more than the pages */

#define STR_OF(n) #n
#define NUMBER(n) STR_OF(n)
#define ONE_MORE 21 /* drawn to know that there is more; not kept */
_Static_assert(ONE_MORE == PAGE_IMAGE_PAGES_MAX + 1, "one more than is kept");

static const char *program = "/usr/bin/pdftocairo";

void page_image_program(const char *path)
{
    program = path == NULL ? "/usr/bin/pdftocairo" : path;
}

/* --- what is kept ---------------------------------------------------------------------------- */

/* Page 0 stands for the file: how many pages were drawn, or why none could be. */
typedef struct drawn {
    bool known;
    page_images images;
    char reason[48];
} drawn;

typedef struct page_file {
    digest sha256;
    int64_t bytes;
} page_file;

/* Asked first in every case: a page is looked at many times and drawn once. */
static tq_code drawn_read(store_tx *tx, str hex, drawn *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_PAGE_IMAGE_FILE, ARGS(arg_str(hex), arg_int(PAGE_IMAGE_DPI)), &r,
                       err));
    TQ_TRY(rows_next(&r, &out->known, err));
    if (!out->known) {
        return TQ_OK;
    }
    out->images.pages = (int)row_int(&r);
    out->images.more = row_int(&r) != 0;
    const str reason = row_text(&r);
    (void)snprintf(out->reason, sizeof out->reason, "%.*s", STR_ARG(reason));
    return TQ_OK;
}

/* Another server may have drawn the same meanwhile: the first rows stay. */
static tq_code drawn_write(app *a, str hex, instant at, const drawn *d, const page_file *pages,
                           tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(store_run(tx, STMT_PAGE_IMAGE_FILE_ADD,
                     ARGS(arg_str(hex), arg_int(PAGE_IMAGE_DPI), arg_int(d->images.pages),
                          arg_int(d->images.more), arg_str(str_of(d->reason)), arg_int(at.us)),
                     NULL, err));
    for (int i = 0; i < d->images.pages; i++) {
        char png[65];
        digest_hex(pages[i].sha256, png);
        TQ_TRY(store_run(tx, STMT_PAGE_IMAGE_ADD,
                         ARGS(arg_str(hex), arg_int(PAGE_IMAGE_DPI), arg_int(i + 1),
                              arg_str(str_of(png)), arg_int(pages[i].bytes), arg_int(at.us)),
                         NULL, err));
    }
    return store_commit(&tx, err);
}

/* The same answer whether the pages were drawn now or a year ago, also for a file that cannot
 * be. */
static tq_code drawn_answer(const drawn *d, page_images *out, tq_err *err)
{
    if (d->reason[0] != '\0') {
        return tq_fail(err, TQ_INVALID, d->reason, "file",
                       "no page can be shown; download the file or ask for another");
    }
    TQ_ASSERT(d->images.pages > 0);
    *out = d->images;
    return TQ_OK;
}

/* --- the folder of one child ----------------------------------------------------------------- */

typedef struct work_folder {
    char path[PATH_ROOM];
} work_folder;

/* The child could make files and nothing else, so a flat sweep leaves nothing. */
static void folder_remove(work_folder *f)
{
    if (f->path[0] == '\0') {
        return;
    }
    DIR *dir = opendir(f->path);
    for (const struct dirent *e = NULL; dir != NULL && (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            (void)unlinkat(dirfd(dir), e->d_name,
                           0); /* what stays makes rmdir fail: seen by tests */
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(f->path);
    f->path[0] = '\0';
}

/* A full disk or too many open files pass; anything else is for a person to mend. */
static tq_code folder_io(const char *what, tq_err *err)
{
    return errno == ENOSPC || errno == EMFILE || errno == ENFILE
               ? tq_fail(err, TQ_BUSY, "page_images", NULL, "no room to draw pages; try again")
               : tq_fail(err, TQ_IO, "file_io", what, "the folder for drawing cannot be used");
}

static tq_code bytes_write(const char *path, str bytes, tq_err *err)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t done = 0;
    if (fd < 0) {
        return folder_io("spool", err);
    }
    while (done < bytes.len) {
        const ssize_t n = write(fd, bytes.data + done, bytes.len - done);
        if (n < 0 && errno != EINTR) {
            (void)close(fd);
            return folder_io("spool", err);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd); /* not synced: it is gone in a moment */
    return TQ_OK;
}

/* A process that was killed leaves the folder of its child, with a stranger's file in it. The
 * next one removes what is too old to be anybody's work. */
static void spool_sweep(const char *spool, instant at)
{
    DIR *dir = opendir(spool);
    for (const struct dirent *e = NULL; dir != NULL && (e = readdir(dir)) != NULL;) {
        struct stat st;
        work_folder old = {0};
        const bool ours = strncmp(e->d_name, "page-", 5) == 0 &&
                          fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                          S_ISDIR(st.st_mode);
        if (ours && (int64_t)st.st_mtim.tv_sec < at.us / 1000000 - STALE_SECONDS) {
            const int n = snprintf(old.path, sizeof old.path, "%s/%s", spool, e->d_name);
            TQ_ASSERT(n > 0);
            folder_remove(&old);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir); /* only read */
    }
}

static tq_code folder_make(app *a, str pdf, instant at, work_folder *f, tq_err *err)
{
    char spool[PATH_ROOM - 300]; /* room for the name of an entry */
    char file[PATH_ROOM + 32];
    int n = snprintf(spool, sizeof spool, "%s/spool", store_dir(app_store(a)));
    TQ_ASSERT(n > 0 && (size_t)n < sizeof spool);
    TQ_TRY(dir_make(spool, 0700, err));
    spool_sweep(spool, at);
    work_folder made = {0};
    n = snprintf(made.path, sizeof made.path, "%s/page-XXXXXX", spool);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof made.path);
    if (mkdtemp(made.path) == NULL) {
        return folder_io("spool", err);
    }
    *f = made; /* from here on its owner removes it */
    n = snprintf(file, sizeof file, "%s/in.pdf", made.path);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof file);
    return bytes_write(file, pdf, err);
}

/* --- drawing --------------------------------------------------------------------------------- */

/* Token that is kept, or "" where the child did its work. BUSY is not kept: the next try may
 * fit. */
static tq_code child_judge(const confined_result *r, const char **reason, tq_err *err)
{
    switch (r->end) {
    case CONFINED_EXITED:
        *reason = r->status == 0 ? "" : "unreadable_pdf";
        return TQ_OK;
    case CONFINED_OUT_OF_LIMITS:
        *reason = "pdf_too_costly";
        return TQ_OK;
    case CONFINED_FORBIDDEN:
        *reason = "pdf_attack";
        return TQ_OK;
    case CONFINED_CRASHED:
        *reason = "unreadable_pdf";
        return TQ_OK;
    case CONFINED_TIMED_OUT:
        break;
    }
    return tq_fail(err, TQ_BUSY, "page_images", NULL, "drawing the pages took too long; try again");
}

static tq_code child_run(const work_folder *f, const char **reason, tq_err *err)
{
    static const char *const args[] = {"pdftocairo", "-png", "-r", NUMBER(PAGE_IMAGE_DPI),
                                       "-f",         "1",    "-l", NUMBER(ONE_MORE),
                                       "in.pdf",     "p",    NULL};
    const confined_job job = {.program = program,
                              .args = args,
                              .folder = f->path,
                              .cpu_seconds = CPU_SECONDS,
                              .wall_ms_max = WALL_MS,
                              .memory_bytes_max = MEMORY_BYTES,
                              .file_bytes_max = FILE_BYTES};
    confined_result result;
    TQ_TRY(confined_run(&job, &result, err));
    return child_judge(&result, reason, err);
}

/* "p-7.png", "p-07.png", "p-007.png": as many digits as the number of pages has. 0 for other
 * names. */
static int page_of_name(const char *name)
{
    int page = 0;
    const size_t len = strlen(name);
    if (len < 7 || len > 12 || strncmp(name, "p-", 2) != 0 || strcmp(name + len - 4, ".png") != 0) {
        return 0;
    }
    for (const char *c = name + 2; *c != '.'; c++) {
        if (*c < '0' || *c > '9') {
            return 0;
        }
        page = page * 10 + *c - '0';
    }
    return page <= ONE_MORE ? page : 0;
}

/* The file was made by a child that may have been taken over: no link is followed, nothing but a
 * file is read, and it must be a PNG. False where it is not to be trusted. */
static bool png_read(int dir, const char *name, arena *a, str *out)
{
    struct stat st;
    const int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool fine = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 && st.st_size > 0 &&
                st.st_size <= PAGE_IMAGE_BYTES_MAX;
    size_t done = 0;
    char *bytes = fine ? arena_take(a, (size_t)st.st_size) : NULL;
    while (fine && done < (size_t)st.st_size) {
        const ssize_t n = read(fd, bytes + done, (size_t)st.st_size - done);
        fine = n > 0 || (n < 0 && errno == EINTR);
        done += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd); /* only read */
    file_kind kind = FILE_PDF;
    *out = (str){bytes, done};
    return fine && file_kind_of(*out, &kind, NULL) == TQ_OK && kind == FILE_PNG;
}

typedef struct collected {
    const char *names[ONE_MORE + 1]; /* by page; in the arena */
    int last;                        /* highest page without a gap before it */
} collected;

/* Pages without a gap from the first: a missing page would shift the meaning of those behind it. */
static tq_code names_collect(DIR *dir, arena *a, collected *c, tq_err *err)
{
    int seen = 0;
    for (const struct dirent *e = NULL; (e = readdir(dir)) != NULL && seen < FOLDER_SCAN; seen++) {
        const int page = page_of_name(e->d_name);
        if (page > 0) {
            c->names[page] = arena_copy(a, str_of(e->d_name)).data;
        }
    }
    while (c->last < ONE_MORE && c->names[c->last + 1] != NULL) {
        c->last++;
    }
    return seen < FOLDER_SCAN ? TQ_OK
                              : tq_fail(err, TQ_IO, "confinement", "spool",
                                        "the child left more files than it was to make");
}

/* Every image is stored before the row that names it (I27). */
static tq_code pages_store(app *a, DIR *dir, const collected *c, drawn *d, page_file *pages,
                           tq_err *err)
{
    int64_t total = 0;
    const int keep = c->last < PAGE_IMAGE_PAGES_MAX ? c->last : PAGE_IMAGE_PAGES_MAX;
    for (int page = 1; page <= keep; page++) {
        ARENA_AUTO arena *room = arena_new("page image", PAGE_IMAGE_BYTES_MAX + 64 * 1024);
        str png = {0};
        if (!png_read(dirfd(dir), c->names[page], room, &png) ||
            total + (int64_t)png.len > PAGE_IMAGE_TOTAL_MAX) {
            (void)snprintf(d->reason, sizeof d->reason, "pdf_too_costly");
            return TQ_OK;
        }
        total += (int64_t)png.len;
        pages[page - 1].bytes = (int64_t)png.len;
        TQ_TRY(blob_put(app_store(a), png, &pages[page - 1].sha256, err));
    }
    d->images = (page_images){keep, c->last > PAGE_IMAGE_PAGES_MAX};
    return TQ_OK;
}

/* What the child left behind is looked at by name and bytes, never by what it claims. */
static tq_code pages_collect(app *a, const work_folder *f, drawn *d, page_file *pages, tq_err *err)
{
    ARENA_AUTO arena *names = arena_new("page names", 64 * 1024);
    collected c = {0};
    DIR *dir = opendir(f->path);
    if (dir == NULL) {
        return folder_io("spool", err);
    }
    tq_code code = names_collect(dir, names, &c, err);
    if (code == TQ_OK && c.last == 0) {
        (void)snprintf(d->reason, sizeof d->reason, "unreadable_pdf"); /* no page at all */
    } else if (code == TQ_OK) {
        code = pages_store(a, dir, &c, d, pages, err);
    }
    (void)closedir(dir);
    return code;
}

/* The folder goes on every way out, with the file that a stranger wrote. */
static tq_code draw(app *a, str pdf, instant at, drawn *d, page_file *pages, tq_err *err)
{
    TQ_CLEANUP(folder_remove) work_folder f = {0};
    const char *reason = "";
    TQ_TRY(folder_make(a, pdf, at, &f, err));
    TQ_TRY(child_run(&f, &reason, err));
    if (reason[0] != '\0') {
        (void)snprintf(d->reason, sizeof d->reason, "%s", reason);
        return TQ_OK;
    }
    return pages_collect(a, &f, d, pages, err);
}

/* --- who draws, and when --------------------------------------------------------------------- */

/* A few at a time, in the whole process: each takes a core and up to a gigabyte. */
static pthread_mutex_t slot_lock = PTHREAD_MUTEX_INITIALIZER;
static int slots_taken;

static bool slot_take(void)
{
    TQ_ASSERT(pthread_mutex_lock(&slot_lock) == 0);
    const bool free_one = slots_taken < PAGE_IMAGE_AT_ONCE;
    slots_taken += free_one;
    TQ_ASSERT(pthread_mutex_unlock(&slot_lock) == 0);
    return free_one;
}

static void slot_give(void)
{
    TQ_ASSERT(pthread_mutex_lock(&slot_lock) == 0);
    TQ_ASSERT(slots_taken > 0);
    slots_taken--;
    TQ_ASSERT(pthread_mutex_unlock(&slot_lock) == 0);
}

/* The kind is asked of the bytes again: what was stored years ago may be of no kind at all. */
static tq_code pdf_load(app *a, str hex, arena *room, str *pdf, tq_err *err)
{
    digest sha256;
    file_kind kind = FILE_XML;
    if (!digest_from_hex(hex, &sha256)) {
        return tq_fail(err, TQ_INVALID, "blob", "file", "this is no SHA-256 in hex");
    }
    TQ_TRY(blob_get(app_store(a), sha256, room, pdf, err));
    if (file_kind_of(*pdf, &kind, NULL) != TQ_OK || kind != FILE_PDF) {
        return tq_fail(err, TQ_INVALID, "no_pdf", "file", "only PDF files are drawn page by page");
    }
    return TQ_OK;
}

tq_code page_images_make(app *a, str hex, instant at, page_images *out, tq_err *err)
{
    drawn d = {0};
    page_file pages[PAGE_IMAGE_PAGES_MAX] = {0};
    {
        TX_AUTO store_tx *tx =
            NULL; /* closed before the child runs: a snapshot is not held for seconds */
        TQ_TRY(work_read(a, &tx, err));
        TQ_TRY(drawn_read(tx, hex, &d, err));
    }
    if (d.known) {
        return drawn_answer(&d, out, err);
    }
    ARENA_AUTO arena *room = arena_new("pdf", BLOB_MAX + 64 * 1024);
    str pdf = {0};
    TQ_TRY(pdf_load(a, hex, room, &pdf, err));
    /* No waiting here: the caller is a worker whom others may need. */
    if (!slot_take()) {
        return tq_fail(err, TQ_BUSY, "page_images", NULL, "other files are being drawn; try again");
    }
    const tq_code code = draw(a, pdf, at, &d, pages, err);
    slot_give();
    TQ_TRY(code);
    TQ_TRY(drawn_write(a, hex, at, &d, pages, err));
    return drawn_answer(&d, out, err);
}

tq_code page_image_read(app *a, str hex, int page, arena *room, str *png, tq_err *err)
{
    digest sha256;
    {
        TX_AUTO store_tx *tx = NULL;
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(work_read(a, &tx, err));
        TQ_TRY(store_query(tx, STMT_PAGE_IMAGE_GET,
                           ARGS(arg_str(hex), arg_int(PAGE_IMAGE_DPI), arg_int(page)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        if (!more || page < 1) {
            return tq_fail(err, TQ_NOT_FOUND, "no_page", "page", "there is no image of this page");
        }
        if (!digest_from_hex(row_text(&r), &sha256)) {
            return tq_fail(err, TQ_CORRUPT, "page_image", "page", "the image's hash is malformed");
        }
    }
    return blob_get(app_store(a), sha256, room, png, err);
}
