-- the ledger of a warehouse: what was loaded, from where, and what was set aside
create schema src;
create table loads (
    load_id integer,
    started_at timestamp, -- UTC
    finished_at timestamp, -- UTC
    exported_at timestamp, -- as stated; null: the time of receipt
    user_name varchar,
    as_of date,
    status varchar,
);
create table files (
    file_id integer,
    load_id integer,
    file varchar, -- a label, never a path
    sha256 varchar,
    source varchar,
    sheet varchar,
    status varchar,
    header_row integer,
    read integer,
    loaded integer,
    unchanged integer,
    superseded integer,
    quarantined integer,
    skipped integer,
    deleted integer,
    first_date date,
    last_date date,
);
create table amounts (
    file_id integer,
    column_name varchar,
    read decimal(38, 4),
    loaded decimal(38, 4),
    unchanged decimal(38, 4),
    superseded decimal(38, 4),
    quarantined decimal(38, 4),
    skipped decimal(38, 4),
);
create table findings (
    file_id integer,
    load_id integer,
    file varchar,
    source varchar,
    sheet varchar,
    row integer,
    column_name varchar,
    value varchar,
    rule varchar,
    severity varchar,
    params varchar, -- JSON
);
create table quarantine (
    file_id integer,
    load_id integer,
    file varchar,
    source varchar,
    sheet varchar,
    row integer,
    reasons varchar,
    raw varchar, -- JSON
);
create table meta (
    key varchar,
    value varchar,
);
