drop trigger tells_of_new on held_results;
drop trigger tells_of_changed on held_results;
drop trigger tells_of_new on cycles;
drop trigger tells_of_changed on cycles;
