drop trigger tells_of_new on closing_units;
drop trigger tells_of_changed on closing_units;
drop trigger tells_of_new on cycles;
drop trigger tells_of_changed on cycles;
