alter table remedies drop column redo;
