-- Who has a birthday when, for messages that are due on it: keyed hashes of month and day, so that nobody's birthday is opened to find
-- those of a day. Filled from the log once a programme has a policy that asks for birthdays; can be lost, together with the place of the
-- worker `birthdayIndex`, and is filled anew then.

create table kopilka.outreach_birthdays (
  tenant text not null,
  user_id text not null,
  tag text not null,
  primary key (tenant, user_id)
);
create index outreach_birthdays_by_tag on kopilka.outreach_birthdays (tenant, tag, user_id);
comment on table kopilka.outreach_birthdays is 'Customers by the keyed hash of their birthday.';
comment on column kopilka.outreach_birthdays.tenant is 'The programme.';
comment on column kopilka.outreach_birthdays.user_id is 'The account of the customer.';
comment on column kopilka.outreach_birthdays.tag is 'HMAC-SHA256 of month and day under the key of the programme, 32 hex digits.';
