/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_PROGRAM_H
#define TQ_TESTS_PROGRAM_H

/* The program as its users meet it: the real binary (TQ_BINARY), a real folder, a real port. One test
 * program has one home folder and at most one server. Failures end the test. */

#include <sys/types.h>

#define TEXT_MAX (256 * 1024)

extern char out_text[TEXT_MAX]; /* of the last `run` */
extern char err_text[TEXT_MAX]; /* the same; after `serve`, what the server has said so far */

int make_home(void **state); /* group fixtures */
int remove_home(void **state);
void place(char *path, size_t room, const char *name); /* of a file of the home folder */
void write_text(const char *name, const char *text);
void pause_ms(long ms);

/* Runs the program with the words of `line`; "@" stands for the data folder. The exit status. */
int run(const char *line);

/* `serve` with further words; waits until it says its port. */
pid_t serve(const char *more);
extern unsigned port;
void server_says(const char *text); /* waits until it has said that since it began, 10 s at most */
int server_stop(int signal_no);     /* its exit status */
int end_server(void **state);       /* teardown: a failed test must not leave it behind */

/* Sends the request and reads until the server closes; the request asks it to. Room: TEXT_MAX. */
/* In parts: begin, more, and the answer, which closes the socket. */
int begin_at(unsigned at, const char *request);
void send_more(int fd, const char *bytes);
void take_answer(int fd, char *answer);
void ask_at(unsigned at, const char *request, char *answer);
void ask(const char *request, char *answer);

#endif
