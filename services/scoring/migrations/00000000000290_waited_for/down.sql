drop index assignments_waited_for;
