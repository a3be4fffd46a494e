-- The logins of an installation, made once by a superuser, in the database that Kist shall have:
--
--   psql --dbname=kist --file=deploy/logins.sql
--
-- with POSTGRES_OWNER_PASSWORD and POSTGRES_PROCESS_PASSWORD in the environment. docker-compose.yaml does
-- so by itself. Neither login can bypass row-level security.
--   kist_owner    for `release` alone: owns the schema
--   kist_process  for api, worker and clock: owns nothing, and may nothing but act as the two roles
\getenv owner_password POSTGRES_OWNER_PASSWORD
\getenv process_password POSTGRES_PROCESS_PASSWORD

CREATE ROLE kist_app NOLOGIN NOBYPASSRLS;
CREATE ROLE kist_carrier NOLOGIN NOBYPASSRLS;
CREATE ROLE kist_books NOLOGIN NOBYPASSRLS;
CREATE ROLE kist_identity NOLOGIN NOBYPASSRLS;

CREATE ROLE kist_owner LOGIN CREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE kist_process LOGIN NOINHERIT NOBYPASSRLS PASSWORD :'process_password';
GRANT kist_books, kist_identity TO kist_owner;
GRANT kist_app, kist_carrier TO kist_process;
ALTER DATABASE kist OWNER TO kist_owner;
