/* SPDX-License-Identifier: Apache-2.0 */
#include "app/doctor.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"

#define MIB (UINT64_C(1024) * 1024)
#define ROOM_BAD (256 * MIB)
#define ROOM_WARN (2048 * MIB)
#define BACKUP_DAYS_WARN 7
#define DAY_US (INT64_C(86400) * 1000000)
#define FONT_FOLDERS 16
#define NOTE_MAX 128

const char *doctor_state_name(doctor_state state)
{
    static const char *const names[] = {
        [DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_BAD] = "bad"};
    return names[state];
}

void doctor_say(doctor *d, const char *name, doctor_state state, const char *fmt, ...)
{
    TQ_ASSERT(d->n < DOCTOR_FINDINGS_MAX);
    doctor_finding *f = &d->list[d->n++];
    va_list args;
    f->name = name;
    f->state = state;
    va_start(args, fmt);
    (void)vsnprintf(f->detail, sizeof f->detail, fmt, args);
    va_end(args);
    d->bad = d->bad || state == DOCTOR_BAD;
}

/* Keys and personal data lie in the folder: nobody but its owner has business there. */
void doctor_folder(doctor *d, const char *dir)
{
    struct stat st;
    if (stat(dir, &st) != 0) {
        doctor_say(d, "folder", DOCTOR_BAD, "the folder cannot be looked at: %s", strerror(errno));
    } else if (!S_ISDIR(st.st_mode)) {
        doctor_say(d, "folder", DOCTOR_BAD, "this is no folder");
    } else if (access(dir, R_OK | W_OK | X_OK) != 0) {
        doctor_say(d, "folder", DOCTOR_BAD, "this user may not write there: %s", strerror(errno));
    } else if (st.st_uid != geteuid()) {
        doctor_say(d, "folder", DOCTOR_WARN, "the folder belongs to uid %lld, and you are %lld",
                   (long long)st.st_uid, (long long)geteuid());
    } else if ((st.st_mode & 077) != 0) {
        doctor_say(d, "folder", DOCTOR_WARN,
                   "others may look into the folder (mode %04o); set it to 0700",
                   (unsigned)(st.st_mode & 07777));
    } else {
        doctor_say(d, "folder", DOCTOR_OK, "only its owner may enter");
    }
}

void doctor_disk(doctor *d, const char *dir)
{
    struct statvfs v;
    if (statvfs(dir, &v) != 0) {
        doctor_say(d, "disk", DOCTOR_BAD, "the disk cannot be looked at: %s", strerror(errno));
        return;
    }
    const uint64_t room = (uint64_t)v.f_bavail * v.f_frsize;
    const doctor_state state = room < ROOM_BAD    ? DOCTOR_BAD
                               : room < ROOM_WARN ? DOCTOR_WARN
                                                  : DOCTOR_OK;
    doctor_say(d, "disk", state, "%llu MiB are free", (unsigned long long)(room / MIB));
    if (v.f_files > 0 && v.f_favail < 1000) {
        doctor_say(d, "inodes", DOCTOR_BAD, "room for %llu files is left",
                   (unsigned long long)v.f_favail);
    }
}

static bool on_path(const char *program)
{
    const char *path = getenv("PATH");
    char full[4096];
    while (path != NULL && *path != '\0') {
        const size_t n = strcspn(path, ":");
        const int made = snprintf(full, sizeof full, "%.*s/%s", (int)n, path, program);
        if (n > 0 && made > 0 && (size_t)made < sizeof full && access(full, X_OK) == 0) {
            return true;
        }
        path += n + (path[n] == ':');
    }
    return false;
}

/* Names of fonts with Chinese characters, as Debian's packages call their files. */
static int is_chinese_font(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    static const char *const parts[] = {"cjk",       "wqy",    "uming",  "ukai",
                                        "sourcehan", "simsun", "fandol", "droidsansfallback"};
    (void)st;
    for (size_t i = 0; flag == FTW_F && i < TQ_COUNT(parts); i++) {
        if (strcasestr(path + at->base, parts[i]) != NULL) {
            return 1;
        }
    }
    return 0;
}

void doctor_tools(doctor *d)
{
    const bool draws = on_path("pdftocairo");
    doctor_say(
        d, "pdftocairo", draws ? DOCTOR_OK : DOCTOR_WARN, "%s",
        draws ? "page images of PDF files can be drawn"
              : "it is not on the path (package poppler-utils): PDF files have no page images");
    const bool maps = access("/usr/share/poppler/cMap", R_OK) == 0;
    doctor_say(d, "poppler_data", maps ? DOCTOR_OK : DOCTOR_WARN, "%s",
               maps ? "character maps of Chinese files are there"
                    : "not found: Chinese PDF files without their own maps are drawn as boxes");
    const bool fonts = nftw("/usr/share/fonts", is_chinese_font, FONT_FOLDERS, FTW_PHYS) == 1;
    doctor_say(
        d, "fonts", fonts ? DOCTOR_OK : DOCTOR_WARN, "%s",
        fonts ? "there is a Chinese font"
              : "no Chinese font (package fonts-noto-cjk or fonts-wqy-zenhei): page images lack "
                "characters of files that bring no font");
}

static str note_path(const char *dir, arena *a)
{
    return arena_printf(a, "%s/backup.last", dir);
}

tq_code doctor_backup_note(const char *dir, instant at, arena *a, tq_err *err)
{
    BUF_AUTO buf text = buf_max(NOTE_MAX);
    instant_print(at, &text);
    buf_char(&text, '\n');
    return file_write_durable(note_path(dir, a).data, buf_view(&text), 0600, err);
}

bool doctor_backup_last(const char *dir, arena *a, instant *out)
{
    str text = {0};
    return file_read(note_path(dir, a).data, NOTE_MAX, a, &text, NULL) == TQ_OK &&
           instant_parse(str_trim(text), out, NULL) == TQ_OK;
}

void doctor_backup(doctor *d, const char *dir, instant now, arena *a)
{
    instant at = {0};
    if (!file_exists(note_path(dir, a).data)) {
        doctor_say(d, "backup", DOCTOR_WARN, "no backup was made from this folder by this program");
    } else if (!doctor_backup_last(dir, a, &at)) {
        doctor_say(d, "backup", DOCTOR_WARN, "backup.last cannot be read");
    } else {
        const int64_t days = (now.us - at.us) / DAY_US;
        doctor_say(d, "backup", days > BACKUP_DAYS_WARN ? DOCTOR_WARN : DOCTOR_OK,
                   "the last backup is %lld days old", (long long)days);
    }
}
