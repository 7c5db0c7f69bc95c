/* SPDX-License-Identifier: Apache-2.0 */
#include "app/einvoice.h"

#include "app/einvoice_inner.h"
#include "base/canon.h"
#include "base/ids.h"
#include "base/money.h"

#define SCRATCH_BYTES (48 * 1024 * 1024) /* OFD.xml and eight attachments at their greatest */
#define NAME_BYTES_MAX 300
#define EXTRACTED_BYTES (64 * 1024)
#define DIGITAL_LEN 20 /* digits of the number of a 数电票 */
#define LEGACY_LEN 8

static const char *const keys[] = {
#define X(field, key) key,
    EINVOICE_FIELD_MAP(X)
#undef X
};
_Static_assert(TQ_COUNT(keys) == EINVOICE_FIELD_COUNT, "each field has its key");
_Static_assert(EINVOICE_FIELD_COUNT <= 32, "fields are bits of a word");

const char *einvoice_key(einvoice_field f)
{
    TQ_ASSERT(f < EINVOICE_FIELD_COUNT);
    return keys[f];
}

/* --- from text to value: each gives false where the text has another form -------------------- */

/* ASCII only: full-width digits look the same to a person and are other bytes to every index. */
static bool digits(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return false;
        }
    }
    return s.len > 0;
}

/* The amounts of a red invoice bear a sign, which money_parse rightly does not take. */
static bool amount_of(str s, int64_t *out)
{
    const currency cny = {"CNY", 2};
    const bool minus = str_starts(s, STR("-"));
    money m;
    if (money_parse(minus ? (str){s.data + 1, s.len - 1} : s, &cny, &m, NULL) != TQ_OK) {
        return false;
    }
    *out = minus ? -m.minor : m.minor;
    return true;
}

static int two(const char *at)
{
    return (at[0] - '0') * 10 + at[1] - '0';
}

/* 29 February of a common year has the right form and is no day. */
static bool day_of_parts(str y, str m, str d, day *out)
{
    if (y.len != 4 || m.len != 2 || d.len != 2 || !digits(y) || !digits(m) || !digits(d)) {
        return false;
    }
    const ymd date = {two(y.data) * 100 + two(y.data + 2), two(m.data), two(d.data)};
    if (!ymd_valid(date)) {
        return false;
    }
    *out = day_of_ymd(date);
    return true;
}

/* 2026-02-28, 2026-02-28 10:11:12, 2026-02-28T…, 20260228, 2026年02月28日: all are in use. */
static bool issued_of(str s, day *out)
{
    const size_t nian = strlen("年");
    const str y = {s.data, 4};
    if (s.len == 8) {
        return day_of_parts(y, (str){s.data + 4, 2}, (str){s.data + 6, 2}, out);
    }
    if (s.len == 8 + 3 * nian && memcmp(s.data + 4, "年", nian) == 0 &&
        memcmp(s.data + 6 + nian, "月", nian) == 0 &&
        memcmp(s.data + 8 + 2 * nian, "日", nian) == 0) {
        return day_of_parts(y, (str){s.data + 4 + nian, 2}, (str){s.data + 6 + 2 * nian, 2}, out);
    }
    if (s.len >= 10 && s.data[4] == '-' && s.data[7] == '-' &&
        (s.len == 10 || s.data[10] == ' ' || s.data[10] == 'T')) {
        return day_of_parts(y, (str){s.data + 5, 2}, (str){s.data + 8, 2}, out);
    }
    return false;
}

/* Letters and digits, upper case; what it is worth is asked by who uses it. */
static bool tax_id_of(str s, arena *a, str *out)
{
    if (s.len < 15 || s.len > 20) {
        return false;
    }
    char id[20];
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.data[i];
        const bool lower = c >= 'a' && c <= 'z';
        if (!lower && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) {
            return false;
        }
        id[i] = (char)(lower ? c - 'a' + 'A' : c);
    }
    *out = arena_copy(a, (str){id, s.len});
    return true;
}

/* A name with line breaks or direction marks could show one firm and be another. */
static bool name_of(str s, arena *a, str *out)
{
    if (!str_line_ok(s, NAME_BYTES_MAX)) {
        return false;
    }
    *out = arena_copy(a, s);
    return true;
}

/* Remarks come in several lines; here they are one. */
static bool remarks_of(str s, arena *a, str *out)
{
    const str copy = arena_copy(a, s);
    char *text = arena_take(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        const bool blank = copy.data[i] == '\n' || copy.data[i] == '\r' || copy.data[i] == '\t';
        text[i] = (char)(blank ? ' ' : copy.data[i]);
    }
    *out = (str){text, s.len};
    return str_line_ok(*out, XML_TEXT_MAX);
}

/* Y: blue, N: red (digital); 0 and 1 (legacy). */
static bool red_of(str s, bool *out)
{
    *out = str_eq(s, STR("N")) || str_eq(s, STR("1"));
    return *out || str_eq(s, STR("Y")) || str_eq(s, STR("0"));
}

/* 20 digits, or 8 beside a code: invoice_key_make knows no third form. */
static bool number_of(str s, arena *a, str *out)
{
    *out = arena_copy(a, s);
    return digits(s) && (s.len == DIGITAL_LEN || s.len == LEGACY_LEN);
}

static bool code_of(str s, arena *a, str *out)
{
    *out = arena_copy(a, s);
    return digits(s) && (s.len == 10 || s.len == 12);
}

/* Codes of the label GeneralOrSpecialVAT; new ones come with new laws and are no error. */
static str kind_of(str label)
{
    return str_eq(label, STR("01"))   ? STR("special")
           : str_eq(label, STR("02")) ? STR("ordinary")
                                      : STR("other");
}

/* False where the text has a form that is not known: the field is then named as unreadable. */
static bool field_read(einvoice *e, einvoice_field f, str s, arena *a)
{
    switch (f) {
    case EINVOICE_CODE:
        return code_of(s, a, &e->code);
    case EINVOICE_NUMBER:
        return number_of(s, a, &e->number);
    case EINVOICE_ISSUED:
        return issued_of(s, &e->issued);
    case EINVOICE_SELLER_NAME:
        return name_of(s, a, &e->seller_name);
    case EINVOICE_SELLER_TAX_ID:
        return tax_id_of(s, a, &e->seller_tax_id);
    case EINVOICE_BUYER_NAME:
        return name_of(s, a, &e->buyer_name);
    case EINVOICE_BUYER_TAX_ID:
        return tax_id_of(s, a, &e->buyer_tax_id);
    case EINVOICE_NET:
        return amount_of(s, &e->net_fen);
    case EINVOICE_TAX:
        return amount_of(s, &e->tax_fen);
    case EINVOICE_GROSS:
        return amount_of(s, &e->gross_fen);
    case EINVOICE_KIND:
        e->kind = kind_of(s);
        return true;
    case EINVOICE_RED:
        return red_of(s, &e->red);
    case EINVOICE_ORIGINAL:
        return number_of(s, a, &e->original);
    case EINVOICE_REMARKS:
        return remarks_of(s, a, &e->remarks);
    case EINVOICE_FIELD_COUNT:
        break;
    }
    TQ_ASSERT(false);
    return false;
}

/* --- what follows from the values ------------------------------------------------------------ */

static void found(einvoice *e, einvoice_field f)
{
    e->found |= UINT32_C(1) << (unsigned)f;
}

/* Where the file has no element for it, the remarks name the invoice that a red one cancels, in
 * words that the tax system itself writes. */
static void original_from_remarks(einvoice *e)
{
    static const char *const words[] = {"被红冲蓝字数电票号码：",
                                        "被红冲蓝字数电票号码:", "被红冲蓝字数电发票号码：",
                                        "被红冲蓝字数电发票号码:"};
    for (size_t i = 0; i < TQ_COUNT(words); i++) {
        const char *at = memmem(e->remarks.data, e->remarks.len, words[i], strlen(words[i]));
        if (at == NULL) {
            continue;
        }
        const char *number = at + strlen(words[i]);
        const size_t left = e->remarks.len - (size_t)(number - e->remarks.data);
        if (left >= DIGITAL_LEN && digits((str){number, DIGITAL_LEN})) {
            e->original = (str){number, DIGITAL_LEN};
            found(e, EINVOICE_ORIGINAL);
            return;
        }
    }
}

/* Nothing is mended: what does not add up is said, and a person looks. */
static void amounts_conclude(einvoice *e)
{
    const bool net = einvoice_has(e, EINVOICE_NET);
    const bool tax = einvoice_has(e, EINVOICE_TAX);
    money sum = {0};
    const bool summed =
        net && tax && money_add((money){e->net_fen}, (money){e->tax_fen}, &sum, NULL) == TQ_OK;
    /* A text that could not be read is not replaced by a sum: the reviewer must look. */
    if (summed && !einvoice_has(e, EINVOICE_GROSS) &&
        (e->unreadable & UINT32_C(1) << EINVOICE_GROSS) == 0) {
        e->gross_fen = sum.minor;
        e->gross_derived = true;
        found(e, EINVOICE_GROSS);
    }
    const bool gross = einvoice_has(e, EINVOICE_GROSS);
    e->sum_differs = net && tax && gross && (!summed || sum.minor != e->gross_fen);
    if (!gross) {
        return;
    }
    if (!einvoice_has(e, EINVOICE_RED) && e->gross_fen < 0) {
        e->red = true; /* only a red invoice is below zero */
        found(e, EINVOICE_RED);
    }
    e->sign_differs =
        einvoice_has(e, EINVOICE_RED) && e->gross_fen != 0 && e->red != (e->gross_fen < 0);
}

/* Digits 11 and 12 of a legacy code tell the kind; the digital form has a label. */
static void legacy_kind(einvoice *e)
{
    if (einvoice_has(e, EINVOICE_KIND) || !einvoice_has(e, EINVOICE_CODE) || e->code.len != 12) {
        return;
    }
    const str end = {e->code.data + 10, 2};
    if (str_eq(end, STR("11")) || str_eq(end, STR("13"))) {
        e->kind = str_eq(end, STR("11")) ? STR("ordinary") : STR("special");
        found(e, EINVOICE_KIND);
    }
}

/* --- the canonical object -------------------------------------------------------------------- */

/* The tax id of a natural person is the number of his identity card. */
static bool buyer_private(const einvoice *e)
{
    credit_code code;
    if (!einvoice_has(e, EINVOICE_BUYER_TAX_ID)) {
        return einvoice_has(e, EINVOICE_BUYER_NAME);
    }
    return credit_code_parse(e->buyer_tax_id, &code, NULL) != TQ_OK;
}

/* Days are printed into `room`, which lives with the caller. */
static str text_of(const einvoice *e, einvoice_field f, buf *room)
{
    const str texts[EINVOICE_FIELD_COUNT] = {
        [EINVOICE_CODE] = e->code,
        [EINVOICE_NUMBER] = e->number,
        [EINVOICE_SELLER_NAME] = e->seller_name,
        [EINVOICE_SELLER_TAX_ID] = e->seller_tax_id,
        [EINVOICE_BUYER_NAME] = e->buyer_name,
        [EINVOICE_BUYER_TAX_ID] = e->buyer_tax_id,
        [EINVOICE_KIND] = e->kind,
        [EINVOICE_ORIGINAL] = e->original,
    };
    if (f == EINVOICE_ISSUED) {
        day_print(e->issued, room);
        return buf_view(room);
    }
    return texts[f];
}

static void field_write(canon *c, const einvoice *e, einvoice_field f)
{
    BUF_AUTO buf room = buf_max(64);
    if (f == EINVOICE_NET || f == EINVOICE_TAX || f == EINVOICE_GROSS) {
        canon_kint(c, keys[f],
                   f == EINVOICE_NET   ? e->net_fen
                   : f == EINVOICE_TAX ? e->tax_fen
                                       : e->gross_fen);
    } else if (f == EINVOICE_RED || f == EINVOICE_REMARKS) {
        canon_key(c, keys[f]);
        canon_bool(c, f == EINVOICE_REMARKS || e->red);
    } else {
        canon_kstr(c, keys[f], text_of(e, f, &room));
    }
}

/* Absent means false, so that an object of an older version keeps its meaning. */
static void flag_write(canon *c, const char *key, bool on)
{
    if (on) {
        canon_key(c, key);
        canon_bool(c, true);
    }
}

/* Keys in the order of the map, flags after them only where they hold: equal content has equal
 * bytes. */
static str extracted_write(const einvoice *e, arena *a)
{
    BUF_AUTO buf out = buf_max(EXTRACTED_BYTES);
    canon c = canon_to(&out);
    const bool hide = buyer_private(e);
    canon_open(&c);
    canon_kstr(&c, "source", str_of(e->source));
    for (int i = 0; i < (int)EINVOICE_FIELD_COUNT; i++) {
        const einvoice_field f = (einvoice_field)i;
        const bool buyer = f == EINVOICE_BUYER_NAME || f == EINVOICE_BUYER_TAX_ID;
        if (einvoice_has(e, f) && !(buyer && hide)) {
            field_write(&c, e, f);
        }
    }
    flag_write(&c, "buyer_private", hide);
    flag_write(&c, "gross_derived", e->gross_derived);
    flag_write(&c, "sum_differs", e->sum_differs);
    flag_write(&c, "sign_differs", e->sign_differs);
    if (e->unreadable != 0) {
        canon_key(&c, "unreadable");
        canon_list(&c);
        for (int i = 0; i < (int)EINVOICE_FIELD_COUNT; i++) {
            if ((e->unreadable >> (unsigned)i & 1U) != 0) {
                canon_str(&c, str_of(keys[i]));
            }
        }
        canon_list_end(&c);
    }
    canon_close(&c);
    TQ_ASSERT(buf_ok(&out));
    return arena_copy(a, buf_view(&out));
}

/* --- the whole ------------------------------------------------------------------------------- */

static tq_code fields_read(const einvoice_raw *raw, arena *a, einvoice *e, tq_err *err)
{
    for (int i = 0; i < (int)EINVOICE_FIELD_COUNT; i++) {
        const uint32_t bit = UINT32_C(1) << (unsigned)i;
        if (raw->value[i].len == 0) {
            continue;
        }
        if ((raw->cut & bit) == 0 && field_read(e, (einvoice_field)i, raw->value[i], a)) {
            e->found |= bit;
        } else {
            e->unreadable |= bit;
        }
    }
    /* A legacy number names an invoice only together with its code. */
    if (!einvoice_has(e, EINVOICE_NUMBER) ||
        (e->number.len == LEGACY_LEN && !einvoice_has(e, EINVOICE_CODE))) {
        return tq_fail(err, TQ_INVALID, "no_number", "number",
                       "the file does not give the number of the invoice");
    }
    return TQ_OK;
}

/* The bytes decide the reader, never the name of the file. */
static tq_code raw_read(str bytes, arena *scratch, einvoice_raw *raw, bool *ofd, tq_err *err)
{
    file_kind kind = FILE_PDF;
    TQ_TRY(file_kind_of(bytes, &kind, err));
    *ofd = kind == FILE_OFD;
    if (kind == FILE_XML) {
        return einvoice_xml_read(bytes, scratch, raw, err);
    }
    if (kind == FILE_OFD) {
        return einvoice_ofd_read(bytes, scratch, raw, err);
    }
    return tq_fail(err, TQ_INVALID, "not_an_invoice", "file",
                   "only XML and OFD carry the fields; type them from the %s",
                   file_kind_info_of(kind)->name);
}

tq_code einvoice_read(str bytes, arena *a, einvoice *out, tq_err *err)
{
    ARENA_AUTO arena *scratch = arena_new("einvoice", SCRATCH_BYTES);
    einvoice_raw raw = {0};
    einvoice e = {.issued = DAY_NONE};
    bool ofd = false;
    TQ_ASSERT(arena_left(a) >= EINVOICE_ARENA_BYTES);
    TQ_TRY(raw_read(bytes, scratch, &raw, &ofd, err));
    TQ_TRY(fields_read(&raw, a, &e, err));
    /* Without an invoice's own XML the length of the number tells the two forms apart. */
    const bool digital = raw.whole ? raw.digital : e.number.len == DIGITAL_LEN;
    e.source =
        ofd ? (digital ? "digital_ofd" : "legacy_ofd") : (digital ? "digital_xml" : "legacy_xml");
    if (!einvoice_has(&e, EINVOICE_ORIGINAL) && einvoice_has(&e, EINVOICE_REMARKS)) {
        original_from_remarks(&e);
    }
    legacy_kind(&e);
    amounts_conclude(&e);
    e.extracted = extracted_write(&e, a);
    *out = e;
    return TQ_OK;
}
