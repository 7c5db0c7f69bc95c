/* SPDX-License-Identifier: Apache-2.0 */
/* The program itself, as a service of the machine would run it, beside nginx: how soon it answers, what memory
 * it takes, a voucher as JSON against nginx serving that file, the reviewer's queue as a page against that
 * voucher, and claims and vouchers in a county a hundred times as large. One client for all (web_load.h).
 *
 *   bench_served [firms] [times]     64 firms and 100 times by default
 *   TQ_BINARY: the program; nginx in the path or /usr/sbin (absent: left out); TQ_FULL=1: five rounds */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "bench_util.h"
#include "served.h"
#include "web_firms.h"
#include "web_load.h"

#define FIRMS_DEFAULT 64
#define TIMES_DEFAULT 100
#define CLAIMS 1024
#define GETS 8192
#define PAGES 512
#define STARTS 5
#define NGINX_PORT 18099U
#define STOP_MS 10000

static web_firms firms;

/* --- the program ---------------------------------------------------------------------------------------- */

/* KiB of a line of /proc/PID/status, such as VmRSS. */
static int64_t memory_of(pid_t pid, const char *what)
{
    char path[64];
    char line[256];
    int64_t kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "re");
    TQ_ASSERT(f != NULL);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, what, strlen(what)) == 0) {
            kib = strtoll(line + strlen(what) + 1, NULL, 10);
        }
    }
    (void)fclose(f);
    return kib;
}

static void alive_write(void *ctx, int i, buf *request)
{
    (void)ctx;
    (void)i;
    buf_text(request, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

/* From fork to the first answer that took the database. */
static int64_t start(served *s)
{
    const int64_t from = bench_now_us();
    (void)served_start(s, NULL, NULL);
    const load first = {.port = s->port, .status = 200, .write = alive_write};
    BUF_AUTO buf answer = buf_max(65536);
    load_one(&first, &answer);
    return bench_now_us() - from;
}

static void starts(served *s)
{
    int64_t us[STARTS];
    int64_t took = 0;
    for (int i = 0; i < STARTS; i++) {
        us[i] = start(s);
        served_pause(500);
        if (i + 1 < STARTS) {
            TQ_ASSERT(served_stop(s, STOP_MS, &took) == 0);
        }
    }
    const int64_t median = bench_percentile(us, STARTS, 500); /* sorts them */
    printf("start to first answer: median %" PRId64 " us (%" PRId64 "..%" PRId64 ", n=%d)\n",
           median, us[0], us[STARTS - 1], STARTS);
    printf("idle: %" PRId64 " KiB resident\n", memory_of(s->pid, "VmRSS"));
}

/* --- nginx ---------------------------------------------------------------------------------------------- */

static bool nginx_there(void)
{
    return system("PATH=$PATH:/usr/sbin command -v nginx >/dev/null") == 0;
}

/* As Debian sets it up, with a log line a request as we write one; connections stay open for the whole run. */
static void nginx_start(const char *dir, str body)
{
    char path[160];
    tq_err err;
    BUF_AUTO buf conf = buf_max(4096);
    bench_shell("mkdir -p '%s/nginx' && chmod 755 '%s' '%s/nginx'", dir, dir, dir);
    (void)snprintf(path, sizeof path, "%s/nginx/voucher.json", dir);
    TQ_ASSERT(file_write_durable(path, body, 0644, &err) == TQ_OK);
    buf_printf(
        &conf,
        "worker_processes auto; pid %s/nginx/pid; error_log %s/nginx/error.log;\n"
        "events { worker_connections 768; }\n"
        "http { sendfile on; tcp_nopush on; keepalive_requests 10000000; access_log "
        "%s/nginx/access.log;\n"
        "types { application/json json; } client_body_temp_path %s/nginx/b; proxy_temp_path "
        "%s/nginx/p;\n"
        "fastcgi_temp_path %s/nginx/f; uwsgi_temp_path %s/nginx/u; scgi_temp_path %s/nginx/s;\n"
        "server { listen 127.0.0.1:%u; root %s/nginx; } }\n",
        dir, dir, dir, dir, dir, dir, dir, dir, NGINX_PORT, dir);
    (void)snprintf(path, sizeof path, "%s/nginx/conf", dir);
    TQ_ASSERT(buf_ok(&conf) && file_write_durable(path, buf_view(&conf), 0644, &err) == TQ_OK);
    bench_shell("PATH=$PATH:/usr/sbin nginx -c '%s/nginx/conf' -e '%s/nginx/error.log'", dir, dir);
}

static void nginx_stop(const char *dir)
{
    bench_shell("kill \"$(cat '%s/nginx/pid')\"", dir);
}

static void file_ask(void *ctx, int i, buf *request)
{
    (void)ctx;
    (void)i;
    buf_text(request, "GET /voucher.json HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

/* --- rounds --------------------------------------------------------------------------------------------- */

static void run(unsigned to, void (*write)(void *, int, buf *), unsigned status, int n,
                bench_series *s)
{
    const load l = {.port = to, .status = status, .write = write, .ctx = &firms};
    int64_t *us = calloc((size_t)n, sizeof *us);
    TQ_ASSERT(us != NULL);
    firms.serial++;
    const int64_t took = load_run(&l, n, us);
    bench_add(s, bench_per_second(n, took), bench_percentile(us, n, 500),
              bench_percentile(us, n, 990));
    free(us);
}

static void memory_under_load(const served *s)
{
    printf("under claims: %" PRId64 " KiB resident, %" PRId64 " KiB at most\n",
           memory_of(s->pid, "VmRSS"), memory_of(s->pid, "VmHWM"));
}

static void beside_nginx(served *s)
{
    static bench_series claims = {.name = "POST /claims"};
    static bench_series voucher = {.name = "GET of a voucher as JSON"};
    static bench_series queue = {.name = "GET of the reviewer's queue of 50 as a page"};
    static bench_series nginx = {.name = "nginx, that voucher as a file"};
    const load one = {.port = s->port, .status = 200, .write = web_voucher_write, .ctx = &firms};
    BUF_AUTO buf answer = buf_max(1024 * 1024);
    const bool beside = nginx_there();
    load_one(&one, &answer);
    printf("a voucher: %zu bytes of JSON\n", load_body(&answer).len);
    if (beside) {
        nginx_start(s->dir, load_body(&answer));
    } else {
        printf("nginx is not there: left out\n");
    }
    for (int round = 0; round < bench_rounds(); round++) {
        bench_conditions(s->dir, round + 1);
        run(s->port, web_voucher_write, 200, GETS, &voucher);
        if (beside) {
            run(NGINX_PORT, file_ask, 200, GETS, &nginx);
        }
        run(s->port, web_queue_write, 200, PAGES, &queue);
        run(s->port, web_claim_write, 201, CLAIMS, &claims);
    }
    memory_under_load(s);
    bench_print(&claims, "claims/s");
    bench_print(&voucher, "requests/s");
    bench_print(&queue, "requests/s");
    bench_print_ratio(&queue, &voucher);
    if (beside) {
        bench_print(&nginx, "requests/s");
        bench_print_ratio(&voucher, &nginx);
        nginx_stop(s->dir);
    }
}

/* The same claims and vouchers in turn, with the rows of `times` counties in the tables of one of them. */
static void beside_larger(served *small, served *large)
{
    static bench_series claims[2] = {{.name = "POST /claims, 1 time"},
                                     {.name = "POST /claims, many times the data"}};
    static bench_series gets[2] = {{.name = "GET of a voucher, 1 time"},
                                   {.name = "GET of a voucher, many times"}};
    served *const both[2] = {small, large};
    for (int round = 0; round < bench_rounds(); round++) {
        bench_conditions(large->dir, round + 1);
        for (int k = 0; k < 2; k++) {
            run(both[k]->port, web_claim_write, 201, CLAIMS, &claims[k]);
            run(both[k]->port, web_voucher_write, 200, GETS, &gets[k]);
        }
    }
    for (int k = 0; k < 2; k++) {
        bench_print(&claims[k], "claims/s");
        bench_print(&gets[k], "requests/s");
    }
    bench_print_ratio(&claims[1], &claims[0]);
    bench_print_ratio(&gets[1], &gets[0]);
}

int main(int argc, char **argv)
{
    char small_dir[96];
    char large_dir[96];
    served main_site;
    served small;
    served large;
    int64_t took = 0;
    const int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : FIRMS_DEFAULT;
    const int times = argc > 2 ? (int)strtol(argv[2], NULL, 10) : TIMES_DEFAULT;
    TQ_ASSERT(setenv("TQ_ENGINE", "sqlite", 1) == 0);
    web_firms_open(&firms, n);
    fixture *f = firms.w->f;
    app_close(f->app);
    f->app = NULL;
    (void)snprintf(small_dir, sizeof small_dir, "%s-small", f->dir);
    (void)snprintf(large_dir, sizeof large_dir, "%s-large", f->dir);
    bench_shell("cp -r '%s' '%s' && cp -r '%s' '%s'", f->dir, small_dir, f->dir, large_dir);
    bench_shell("python3 '%s/bench/swell.py' '%s/tongquan.db' %d", getenv("TQ_SOURCE_DIR"),
                large_dir, times);
    served_at(&main_site, f->dir, "");
    served_at(&small, small_dir, "");
    served_at(&large, large_dir, "");
    starts(&main_site);
    beside_nginx(&main_site);
    TQ_ASSERT(served_stop(&main_site, STOP_MS, &took) == 0);
    (void)start(&small);
    printf("%d times the data: start to first answer %" PRId64 " us\n", times, start(&large));
    beside_larger(&small, &large);
    memory_under_load(&large);
    served_kill(&small); /* nothing of theirs is wanted any more */
    served_kill(&large);
    served_forget(&main_site);
    served_forget(&small);
    served_forget(&large);
    bench_shell("rm -rf -- '%s' '%s'", small_dir, large_dir);
    web_county_close(firms.w);
    return 0;
}
