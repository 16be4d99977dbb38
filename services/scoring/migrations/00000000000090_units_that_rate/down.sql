drop index assignments_of_units;
