/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>

#include "store/checkpoint.h"
#include "web/site.h"

/* Serves until SIGTERM or SIGINT, with the writer's lock held: one server to a folder. */
tq_code verb_serve(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    listener *l = NULL;
    const char *address = cli_value(c, "listen");
    sigset_t stop;
    int got = 0;
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    (void)sigaddset(&stop, SIGINT);
    TQ_ASSERT(pthread_sigmask(SIG_BLOCK, &stop, NULL) == 0);
    TQ_TRY(cli_open(c, CLI_WRITE, &site, err));
    web_site *w = web_site_new(site);
    const tq_code code =
        listener_start(address == NULL ? "127.0.0.1:8080" : address, web_site_handle, w, &l, err);
    if (code == TQ_OK) {
        (void)fprintf(stderr, "tongquan: serving http://127.0.0.1:%u/\n", listener_port(l));
        while (sigwait(&stop, &got) != 0) {
        }
        (void)fprintf(stderr, "tongquan: stopping\n");
    }
    listener_stop(l);
    web_site_free(w);
    return code == TQ_OK ? checkpoint_write(app_store(site), instant_now(), err) : code;
}
