drop trigger tells_of_new on tasks;
drop trigger tells_of_changed on tasks;
