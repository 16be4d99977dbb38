drop table drafts;
drop table batches;
