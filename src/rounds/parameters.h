// What the rules of a round may ask for beside facts of units: its days, under these names, and numbers that Sở Nội vụ
// records for it, such as the provincial mean of an index.
#ifndef THIDUA_ROUNDS_PARAMETERS_H
#define THIDUA_ROUNDS_PARAMETERS_H

enum round_day {
    DAY_DOSSIER_CUT_OFF,
    DAY_REPORT_CUT_OFF,
    DAY_CONFERENCE_ON,
    DAY_SUBMITTED_ON,
    DAY_SUBMITTED_ON_OR_AS_OF,
    DAY_SIGNED_ON,
    DAY_SIGNED_ON_OR_AS_OF,
    ROUND_DAYS
};
extern const char *const round_day_names[]; // by their enum values; ended by NULL

#endif
