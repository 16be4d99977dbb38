drop table appeal_readers;
