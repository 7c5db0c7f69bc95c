/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ban_register.h"

#include <string.h>

#include "base/canon.h"
#include "store/checkpoint_inner.h"

#define LINE_ROOM (64 * 1024) /* to read a head or a signature */

/* --- writing --------------------------------------------------------------------------------------- */

static void kday(canon *w, const char *key, day d)
{
    BUF_AUTO buf t = buf_max(16);
    day_print(d, &t);
    TQ_ASSERT(buf_ok(&t));
    canon_kstr(w, key, buf_view(&t));
}

static void khex(canon *w, const char *key, const uint8_t *bytes, size_t n)
{
    BUF_AUTO buf hex = buf_max(256);
    buf_hex(&hex, bytes, n);
    TQ_ASSERT(buf_ok(&hex));
    canon_kstr(w, key, buf_view(&hex));
}

static void head_print(day d, int64_t count, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "tongquan", STR("bans"));
    canon_kint(&w, "v", 1);
    kday(&w, "day", d);
    canon_kint(&w, "count", count);
    canon_close(&w);
    buf_char(out, '\n');
}

/* credit_code, name, scope, programme, from_day, to_day */
static void ban_print(store_rows *r, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "credit_code", row_text(r));
    canon_kstr(&w, "name", row_text(r));
    canon_kstr(&w, "scope", row_text(r));
    canon_kstr(&w, "programme", row_text(r));
    kday(&w, "from", (day){(int32_t)row_int(r)});
    kday(&w, "to", (day){(int32_t)row_int(r)});
    canon_close(&w);
    buf_char(out, '\n');
}

/* The lines come first into a buffer of their own: the head tells how many there are. */
static tq_code bans_print(store *s, day d, buf *lines, int64_t *count, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    bool more = false;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_BAN_REGISTER, ARGS(arg_int(d.n)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    for (*count = 0; more; ++*count) {
        ban_print(&r, lines);
        TQ_TRY(rows_next(&r, &more, err));
    }
    return TQ_OK;
}

tq_code ban_register_export(store *s, day d, buf *out, tq_err *err)
{
    checkpoint_keys keys = {0};
    uint8_t sig[64];
    int64_t count = 0;
    BUF_AUTO buf lines = buf_max(BAN_REGISTER_BYTES_MAX);
    ARENA_AUTO arena *a = arena_new("ban_register", 4 * CHECKPOINT_PUB_MAX);
    TQ_ASSERT(out->len == 0);
    TQ_TRY(checkpoint_keys_of_site(s, a, &keys, err));
    TQ_TRY(bans_print(s, d, &lines, &count, err));
    head_print(d, count, out);
    buf_str_add(out, buf_view(&lines));
    if (!buf_ok(&lines) || !buf_ok(out)) {
        return tq_fail(err, TQ_LIMIT, "bans_too_many", "ban", "%lld bans do not fit into one file",
                       (long long)count);
    }
    sign_bytes(&keys.ed, buf_view(out), sig);
    canon w = canon_to(out);
    canon_open(&w);
    khex(&w, "key", keys.ed.pub, sizeof keys.ed.pub);
    khex(&w, "sig", sig, sizeof sig);
    canon_close(&w);
    buf_char(out, '\n');
    TQ_ASSERT(buf_ok(out));
    return TQ_OK;
}

/* --- checking --------------------------------------------------------------------------------------- */

static tq_code bad(tq_err *err, const char *what)
{
    return tq_fail(err, TQ_CORRUPT, "ban_register", "file", "%s", what);
}

/* The last line, which has its end as all have; *body is what stands before it. */
static tq_code last_line(str text, str *body, str *line, tq_err *err)
{
    if (text.len < 2 || text.data[text.len - 1] != '\n') {
        return bad(err, "the last line has no end");
    }
    const char *end = memrchr(text.data, '\n', text.len - 1);
    if (end == NULL) {
        return bad(err, "there is but one line");
    }
    *body = (str){text.data, (size_t)(end - text.data) + 1};
    *line = (str){end + 1, text.len - body->len - 1};
    return TQ_OK;
}

/* Canonical text has one spelling, so what is read is what was written. */
static tq_code signature_check(str body, str line, str pubs, arena *a, tq_err *err)
{
    checkpoint by = {0};
    const canon_node *object = NULL;
    if (canon_read(line, a, &object, NULL) != TQ_OK || object->type != CANON_OBJECT ||
        !checkpoint_hex_read(object, "key", by.pub, sizeof by.pub) ||
        !checkpoint_hex_read(object, "sig", by.sig, sizeof by.sig)) {
        return bad(err, "the last line is no signature");
    }
    if (pubs.len > 0) {
        TQ_TRY(checkpoint_known(pubs, &by, err));
    }
    return sign_check(by.pub, body, by.sig) ? TQ_OK : bad(err, "the signature does not fit");
}

static int64_t lines_of(str body)
{
    int64_t n = 0;
    for (size_t i = 0; i < body.len; i++) {
        n += body.data[i] == '\n';
    }
    return n;
}

static tq_code head_check(str body, arena *a, ban_register_said *out, tq_err *err)
{
    const canon_node *head = NULL;
    str kind = {0};
    str on = {0};
    const char *end = memchr(body.data, '\n', body.len);
    TQ_ASSERT(end != NULL);
    const str line = {body.data, (size_t)(end - body.data)};
    if (canon_read(line, a, &head, NULL) != TQ_OK || head->type != CANON_OBJECT ||
        canon_need_str(head, "tongquan", &kind, NULL) != TQ_OK || !str_eq(kind, STR("bans")) ||
        canon_need_str(head, "day", &on, NULL) != TQ_OK || on.len + 1 != sizeof out->day ||
        canon_need_int(head, "count", &out->count, NULL) != TQ_OK) {
        return bad(err, "the first line is not that of a ban register");
    }
    memcpy(out->day, on.data, on.len);
    out->day[on.len] = '\0';
    /* A signer that miscounts would make a register from which a line can be missing unseen. */
    return lines_of(body) == out->count + 1 ? TQ_OK
                                            : bad(err, "the count is not that of the lines");
}

/* R-BAN-060 */
tq_code ban_register_check(str text, str pubs, ban_register_said *out, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("ban_register", LINE_ROOM);
    str body = {0};
    str line = {0};
    *out = (ban_register_said){0};
    TQ_TRY(last_line(text, &body, &line, err));
    TQ_TRY(signature_check(body, line, pubs, a, err));
    return head_check(body, a, out, err);
}
