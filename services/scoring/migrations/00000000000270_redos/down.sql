drop table redos;
