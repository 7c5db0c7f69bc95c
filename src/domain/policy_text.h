/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_POLICY_TEXT_H
#define TQ_POLICY_TEXT_H

/* Steps of a decision as sentences. A decision is stored as data (policy_step), never as prose; whoever
 * shows it makes the text in the reader's language, so that an old decision can be read in a language
 * that was added later. */

#include "base/money.h"
#include "domain/policy.h"

/* "holder is banned on this day: 0, must be 0 (R-31, 长政办发 第三条): holds". Amounts with the digits of
 * the currency, days as dates, yes and no as words. */
void policy_step_text(const policy_step *step, const currency *unit, bool chinese, buf *out);
/* The currency in which the scheme is written. */
const currency *policy_unit(const policy *p);
/* A fact's name for people; its token where it has none. */
const char *policy_fact_label(const char *fact, bool chinese);
/* "contract: 50,000.00": a fact as a decision stored it, a number or a word. False, and nothing written,
 * for what is no fact and for a word that was not given. */
bool policy_fact_text(const char *fact, int64_t n, str text, const currency *unit, bool chinese,
                      buf *out);
/* "50,000.00", "365 days": a number in the unit of the fact that it is compared with. */
void policy_fact_value(const char *fact, int64_t n, const currency *unit, bool chinese, buf *out);

#endif
