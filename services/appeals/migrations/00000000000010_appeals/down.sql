drop table hearing_notes, remedies, appeals, results, subjects, cycles;
