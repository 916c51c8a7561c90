-- What a helpdesk reads that takes kivitendo's customers as a second, read-only source (customers.way: read-only), shaped
-- for its database backend: text keys, validity as the helpdesk's ids (1 valid, 2 invalid), no password. That backend
-- asks for lower(column) = lower(…) or lower(column) like lower(…): hence indexes that serve both.

create table otrs_bridge.helpdesk_companies (
  -- kivitendo's customer.id
  row_id       integer primary key,
  -- the customer number when the row was made; stays, because tickets carry it
  customer_id  text not null check (customer_id <> ''),
  name         text not null,
  street       text not null,
  zip          text not null,
  city         text not null,
  country      text not null,
  url          text not null,
  valid_id     smallint not null check (valid_id in (1, 2)),
  -- hash of kivitendo's row as it was written; null once that row is gone
  source_hash  text
);
create unique index helpdesk_companies_key on otrs_bridge.helpdesk_companies (lower(customer_id) text_pattern_ops);
create index helpdesk_companies_name on otrs_bridge.helpdesk_companies (lower(name) text_pattern_ops);

create table otrs_bridge.helpdesk_users (
  -- kivitendo's contacts.cp_id, and the customer that the contact is filed under
  row_id       integer primary key,
  filed_under  integer not null,
  -- the e-mail in lower case when the row was made; stays, because tickets carry it
  login        text not null check (login <> ''),
  customer_id  text not null check (customer_id <> ''),
  title        text not null,
  first_name   text not null,
  last_name    text not null,
  email        text not null,
  phone        text not null,
  mobile       text not null,
  valid_id     smallint not null check (valid_id in (1, 2)),
  source_hash  text
);
create unique index helpdesk_users_key on otrs_bridge.helpdesk_users (lower(login) text_pattern_ops);
create index helpdesk_users_customer on otrs_bridge.helpdesk_users (lower(customer_id) text_pattern_ops);
create index helpdesk_users_email on otrs_bridge.helpdesk_users (lower(email) text_pattern_ops);
create index helpdesk_users_first_name on otrs_bridge.helpdesk_users (lower(first_name) text_pattern_ops);
create index helpdesk_users_last_name on otrs_bridge.helpdesk_users (lower(last_name) text_pattern_ops);

-- The helpdesk's role, to take its rights away again when the configuration names another one.
alter table otrs_bridge.installation add column reader_role text;
