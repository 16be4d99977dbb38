alter table cycle_stages drop column moved_why;
update cycle_stages set dated_by = 'opening' where dated_by = 'moved';
alter table cycle_stages drop constraint cycle_stages_dated_by_check;
alter table cycle_stages add constraint cycle_stages_dated_by_check check (dated_by in ('scheme', 'opening'));
