"""How customers of the demo ask about what the product itself gives them; `intake_examples` reads it."""

DATABASE = """
dedicated_postgres_database: Do we get our own Postgres or do we share an instance with others? | is my database on dedicated hardware
| our Postgres seems to be slowed down by other tenants | Can you confirm the project runs on an isolated postgres server?
| We need a database instance of our own for compliance reasons | how do I connect to our dedicated Postgres
| our database instance is not coming up after the restart | Is the Postgres exclusively ours?

unlimited_api_requests: is there a limit on how many API calls we can make | We get 429 too many requests from the REST API
| Are API requests counted or billed? | our API is being rate limited although it should be unlimited
| how many requests per day can we send to the API | Do you throttle the auto-generated API?
| do calls to the API cost extra | We plan 50 million API requests a month, is that fine?

database_size: We are running out of space in our database | our database went read-only because it is full
| How can I get more disk for Postgres? | the db has grown to 9 GB, what happens now | what's the maximum size of our database
| Please increase our database disk | Database size on the dashboard doesn't match what I see in SQL
| How much do extra gigabytes of database cost?

automatic_backups: We need yesterday's backup restored | how many days are daily backups kept | our nightly backup failed
| Where can I download a backup of our database? | Somebody dropped a table, can you restore from backup
| I don't see any backups in the dashboard | Can backups be kept for 30 days? | last night's backup is missing from the list

point_in_time_recovery: We need to roll the database back to 14:32 this afternoon | can we restore to an exact minute
| please turn on PITR for our project | PITR restore is stuck | I deleted rows an hour ago, bring back the state just before that
| Is recovery to any second possible on our plan? | How far back can we go with point in time restore?
| our WAL-based recovery doesn't offer the time we want

pausing: Our project was paused because nobody used it | how do I stop my project from being paused
| the project is asleep again after a week of inactivity | Please unpause our project | Can we turn off automatic pausing?
| I can't restore my paused project | our staging project keeps going inactive
| we got a mail that the project will be paused for inactivity

branching: How do I create a preview branch of the database | our database branch for the pull request failed
| Can we have more preview environments? | branch doesn't get the migrations | Is database branching part of our plan
| I can't delete an old branch | merging a branch to production gives an error | we need a branch per developer

bandwidth: How much egress traffic is included? | We used more outgoing traffic than expected | our egress is over the quota
| What does a GB of data transfer cost | why is our bandwidth so high this month | Can we cap outgoing traffic?
| The project is restricted because we exceeded egress | Need a breakdown of data transferred out
"""

AUTH = """
total_users: How many users can sign up in total? | is there a limit on registered users | new users can't register, are we at the limit
| we have 80,000 accounts in our user table, is that allowed | maximum number of user accounts per project
| Do inactive users count towards the user limit? | how many sign-ups may we have overall
| Can we import 200k users into auth?

maus: How are monthly active users counted? | We exceeded our MAU quota | why does the dashboard show more MAUs than we have users
| What does it cost per additional monthly active user | our active users this month look wrong
| need a higher limit of monthly actives | Do users who log in twice count as two MAU? | MAU usage jumped over night

anonymous_sign_ins: Can visitors use the app without registering? | anonymous sign-in returns an error
| how do I enable guest users | we want guests that later become real accounts | signInAnonymously is disabled for our project
| converting an anonymous user to a permanent one fails | Is guest login available to us?
| anonymous logins stopped working

user_data_ownership: Who owns the data of our users? | can we export all our users with their password hashes
| We want to take our user data with us to another provider | Do you have any rights in our user records
| our lawyer asks if the auth data belongs to us | how do I get all user data out of the system
| Is user data ours if we cancel? | Please confirm ownership of user data in writing

social_oauth_providers: Login with Google doesn't work | how do we add Sign in with Apple | GitHub login shows redirect mismatch
| Can we offer Facebook login? | which social logins are supported | Discord sign in gives an error after the consent page
| our users want to log in by LinkedIn | OAuth provider for Microsoft accounts can't be enabled

custom_smtp_server: We want confirmation mails sent through our own mail server | how to set our SMTP host
| emails aren't sent since we configured Sendgrid as SMTP | SMTP authentication fails in auth settings
| Can sign-up mails come from our domain via our own SMTP? | only 3 mails per hour get sent, can we use Mailgun
| custom SMTP settings are not saved | connect Amazon SES for auth emails

remove_branding_from_emails: How do we get rid of your logo in the emails? | the mails to our users show your name in the footer
| We need white-label emails | remove the “powered by” line from password reset mails
| our customers see your branding in confirmation mails | Can the email footer be without your brand?
| unbranded e-mail templates please | your company name is still shown in magic link mails

auth_audit_trails: We need the log of all sign-ins for an audit | how long do you keep login history
| who logged in as this user last month | Audit log of authentication only goes back one hour
| export the auth audit log | Where do I find failed logins of last week? | our auditor wants 60 days of authentication events
| sign-in audit entries are missing

multi_factor_auth_totp: How do users set up an authenticator app? | TOTP codes are rejected
| we want to require 2FA with Google Authenticator | user lost the phone with the authenticator app, reset MFA
| QR code for two-factor enrolment isn't shown | does two factor by app cost extra | six digit code from Authy is invalid
| enforce app-based MFA for all users

multi_factor_auth_phone: We want second factor by text message | SMS code for MFA doesn't arrive
| Can users verify by phone call or SMS instead of an app? | how much does phone MFA cost | turn on SMS two factor
| WhatsApp codes as a second factor | users in India don't receive the SMS verification code at login
| enable phone-based multi factor

third_party_auth: We use Auth0 and want to keep it with your database | can we bring Firebase Auth tokens
| Clerk integration: JWT isn't accepted | how are users of an external auth provider counted
| Cognito as our identity system next to your API | third party tokens are rejected by row level security
| What do third-party MAUs cost? | we keep our own auth service and only want your database

single_sign_on_saml_2_0: Our enterprise customers want to log in to our app by SAML | Okta SAML for our end users fails
| add an identity provider for a customer of ours | SAML assertion is invalid for our users
| upload SAML metadata for our app's login | How many users by SAML are included?
| Azure AD sign-on for users of our product | ADFS login of our client returns an ACS url error

leaked_password_protection: Can you block passwords that were in a data breach? | check against HaveIBeenPwned at sign up
| users complain that their password is refused as compromised | turn on compromised password check
| our pentest says leaked passwords are accepted | Is there protection from breached passwords
| how do we reject known stolen passwords | the leaked password setting is greyed out

single_session_per_user: We want users to be logged in on one device only | log out other sessions when somebody signs in
| users share one account on many devices, can we stop it | limit to one active session per user
| only one login at a time please | setting for single session has no effect | old device stays logged in after a new login
| kick out the previous session at sign in

session_timeouts: Users should be logged out after 30 minutes of inactivity | how do I set a session timeout
| sessions never expire, can we limit them to 8 hours | force users to log in again every day | session inactivity timeout setting
| our users are logged out too early | time-boxed sessions for our app | maximum session length can't be changed

auth_hooks: We want to add custom claims to the JWT | access token hook returns 500 | call our own function when a user signs in
| how do we customise the token before it is issued | send SMS hook isn't available to us | hook for password verification attempts
| our MFA verification hook is not called | auth hook times out

advanced_security_features: Which additional security settings do we get? | We need stronger security options in auth
| advanced protection against attacks on logins | is there bot and brute force protection beyond captcha
| security page shows features as locked | our CISO asks for the advanced security package
| enable advanced security for the project | can't switch on extra security in auth
"""

STORAGE_FUNCTIONS = """
storage: How much file storage do we have left? | our bucket is full | uploads fail because the storage quota is exceeded
| What does an extra 100 GB of files cost | can you raise our storage limit | we store 300 GB of pictures, is that included
| Storage usage shown is wrong | buckets take more space than our files

custom_access_controls: How do we restrict who can download files? | policies on storage buckets don't work
| only managers should see files in this folder | row level security for file storage | file access rules per user group
| private bucket is readable by everyone | storage policy denies upload for signed-in users
| custom permissions on objects in a bucket

max_file_upload_size: Uploading a 6 GB video fails | what's the largest file we can upload | error 413 payload too large on upload
| raise the upload limit to 20 GB per file | our users can't upload files over 50 MB | file size limit per upload
| The object exceeded the maximum allowed size | resumable upload stops for big files

content_delivery_network: Images load slowly in Asia, do you have a CDN? | cached files are not updated after we replace them
| cache invalidation on the smart CDN | cache hit rate is low | how is our content cached at the edge
| stale images served to users after upload | which CDN do we get on our plan | purge the CDN cache for us

image_transformations: Can you resize images on the fly? | thumbnails are not generated | image resizing returns 400
| how many transformed images are included | what do we pay per 1000 origin images | convert pictures to webp automatically
| render/image endpoint is disabled for our project | quality parameter for images is ignored

bring_your_own_storage_provider: We want to keep files in our own S3 bucket | can we connect our own Azure Blob storage
| use Cloudflare R2 instead of your storage | our files must stay in our AWS account | external storage backend
| plug in our own object store | store uploads in MinIO on our side | Is it possible to use our storage vendor?

invocations: How many edge function calls are included? | we ran over our function invocation quota
| what does a million invocations cost | function calls counter is higher than what we see in logs
| Is there a limit on edge function executions per month | our functions stopped running because the quota is used up
| need more function invocations | do failed function runs count

script_size: Deploying a function fails because the bundle is too large | max size of an edge function script
| Function exceeds size limit 20 MB | can we deploy bigger functions | our function with dependencies is too big to upload
| how large may the code of a function be | bundled script size limit | deploy error: entity too large for function

number_of_functions: How many edge functions can we deploy? | max number of functions reached | we need 150 functions
| can't create another function | function count limit | we're at 100 edge functions and need more
| error: functions quota for project exceeded on deploy | raise the number of functions we can have
"""

REALTIME = """
postgres_changes: We don't receive realtime events when a row is inserted | subscribe to database changes
| listen to updates of a table in the browser | realtime subscription on a table stopped firing
| change feed from Postgres to our clients | delete events don't arrive over the websocket | Is it possible to stream table changes?
| realtime for one table with a filter doesn't work

concurrent_peak_connections: Too many websocket connections, clients are refused | how many clients can be connected to realtime at once
| we expect 5,000 simultaneous listeners | realtime says too_many_connections | raise our concurrent connection limit
| price per 1000 peak connections | clients get disconnected at 500 connections | peak connection count is wrong

messages_per_month: How many realtime messages can we send a month? | we went over our message quota | cost of a million realtime messages
| realtime messages used up before the end of the month | are broadcast messages counted per receiver
| message counter jumped to 8 million | need a higher monthly message allowance | do presence updates count as messages

max_message_size: Broadcast payload is too large | what's the maximum size of one realtime message | messages over 250 KB are dropped
| we need to send 2 MB payloads over realtime | payload size exceeds limit on channel | can a websocket message be bigger
| realtime message gets truncated | increase realtime payload limit
"""
