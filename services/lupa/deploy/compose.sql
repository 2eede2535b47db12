-- A table to try compose.yaml with. It is made with the database; put your own in
-- its place.
CREATE TABLE article (
    id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title     text NOT NULL,
    body      text NOT NULL,
    tags      text[] NOT NULL DEFAULT '{}',
    published timestamptz NOT NULL DEFAULT now()
);

INSERT INTO article (title, body, tags, published) VALUES
    ('How a magnifying glass works', 'A convex lens bends light so that near things look larger than they are.', '{optics,light}', '2026-03-01 09:00Z'),
    ('The oldest libraries', 'Clay tablets stood on shelves in order, with a list of them at the door.', '{history,books}', '2026-04-12 09:00Z'),
    ('Finding words in many books', 'An index names for each word the pages where it stands, so nobody has to read them all.', '{books,search}', '2026-05-23 09:00Z'),
    ('Why copies go stale', 'Whoever keeps a copy has to hear of every change, or ask for them now and then.', '{search,databases}', '2026-06-04 09:00Z');
