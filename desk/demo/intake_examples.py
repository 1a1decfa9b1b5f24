"""How customers of the demo ask about each feature, and what they write that is about none of them.

One feature a paragraph: its key, and then what was said, between bars. Nobody's own words; they teach the classifier.
"""

from desk.demo.intake_phrases import AUTH, DATABASE, REALTIME, STORAGE_FUNCTIONS


def _read(told: str) -> dict[str, tuple[str, ...]]:
    """Paragraphs of `key: phrase | phrase`, over as many lines as they need."""
    found = {}
    for paragraph in told.strip().split("\n\n"):
        key, _, said = paragraph.partition(":")
        found[key.strip()] = tuple(" ".join(phrase.split()) for phrase in said.split("|"))
    return found


_PLATFORM = """
team_members: How do I invite a colleague to our organisation? | invitation mail for a new team member didn't arrive
| how many people can we add to the team | remove a former employee from our organisation | add more seats to our workspace
| can't add another member to the dashboard | new developer needs a login to the project | is there a charge per team member

access_controls: Who can see which project in the dashboard? | limit a contractor to one project only
| we want permissions in the dashboard per project | stop developers from touching production in the dashboard
| access control for our organisation members | colleague sees projects they shouldn't | restrict dashboard access by project
| give somebody rights on staging but not on prod

dashboard_audit_trails: Who changed the project settings yesterday? | we need an audit log of what our team did in the dashboard
| somebody deleted a project, who was it | export of all admin actions in our organisation | audit trail of dashboard activity
| platform audit logs are empty | see which member rotated the API keys | history of configuration changes by our staff

on_premises_byo_cloud: Can we run it in our own data centre? | deploy into our AWS account | self-hosted with support from you
| bring your own cloud setup | we need it on premises for legal reasons | install on our own Kubernetes cluster
| Is a private cloud deployment possible? | help with our on-prem installation

log_retention_api_database: How long are API logs kept? | we need Postgres logs from three weeks ago | logs older than a day are gone
| can you extend log history to 90 days | database logs for last month | logs explorer only shows 7 days
| how far back can I query request logs | keep our logs for longer

log_drain: Send our logs to Datadog | how do we forward logs to our SIEM | log drain to Loki stopped delivering
| stream logs to an HTTP endpoint | what does exporting logs continuously cost | drain to Splunk returns errors
| we want all logs pushed into our own Elastic | add another log destination

metrics_endpoint: We want to scrape metrics with Prometheus | metrics url returns 401 | Grafana dashboard for our database
| CPU and memory figures as an endpoint | where is the Prometheus endpoint of the project | metrics are missing for the pooler
| monitor our project with our own tools | how do I get database metrics into Datadog agent

soc2: Can you send us your SOC 2 report? | our customer asks for a Type 2 attestation | are you SOC2 certified
| download SOC2 documents | latest SOC 2 audit report under NDA | procurement needs your SOC2 | bridge letter for the SOC 2 report
| where's the SOC2 report in the dashboard

hipaa: We process patient data, can you sign a BAA? | is the platform HIPAA compliant | turn on HIPAA for our project
| health records in your database, is that allowed | protected health information requirements | HIPAA add-on price
| we need a business associate agreement | which settings does a HIPAA project need

sso: Our team wants to log in to your dashboard by Okta | enforce single sign-on for our organisation
| employees should sign in to the dashboard by Azure AD | set up SSO for our company | SSO login to the console broken since this morning
| all our staff are locked out of the dashboard by SSO | disable password login for our org members
| change the identity provider of our organisation

uptime_slas: Do you guarantee 99.9% availability? | we want credits for yesterday's outage | what's the uptime guarantee of our plan
| you were down for three hours, do we get compensation | service level agreement on availability | claim SLA credits
| our contract demands an uptime commitment | monthly availability figures for our SLA report

access_roles: How do I make a colleague a read-only user? | change someone from developer to admin | we need a billing admin role
| transfer ownership of the organisation | add a second owner | which roles exist and what may they do
| custom role for our support people | member can't deploy, what role do they need

vanity_urls: Can we have our own subdomain like acme.yourservice.co? | change the project url to our name | vanity subdomain is taken
| nicer url than the random project id | set up a vanity url | our vanity subdomain gives 404 | rename the project ref in the url
| How do we get a branded subdomain

custom_domains: We want the API under api.ourcompany.com | custom domain verification is stuck | SSL certificate for our domain expired
| CNAME for our own domain not recognised | how much is a custom domain | our domain shows a certificate error
| add a second domain to the project | TXT record for domain isn't found
"""

_SUPPORT = """
community_support: Where's the forum? | can I ask questions on Discord | is there a community for users
| link to GitHub discussions | where do free users get help | community channel for beginners | nobody answered in the community forum
| do you have a Slack community

email_support: Can we write to you by e-mail? | what is the support e-mail address | is support by mail included in our plan
| I never got a reply to my email | who do I mail about technical problems | how do I open a support ticket by mail
| how quickly do you answer mails | do you offer mail support on weekends

email_support_sla: How fast must you answer our tickets? | what response time are we promised by e-mail
| your reply is later than our support SLA allows | guaranteed first response time | is there an SLA on support tickets
| our ticket was answered after two days, what were we promised | support response time in our contract
| urgent tickets should be answered within an hour

designated_support: Do we have a fixed contact person in support? | we want the same support engineer each time
| who is our assigned support engineer | dedicated support contact for our account | Named support person for our team
| talk to our designated support engineer | our support contact left, who follows | every ticket goes to somebody else, we'd like one person

on_boarding_support: We're new, can somebody help us get started? | onboarding session for our team | guided setup with one of your engineers
| kick-off call after signing up | help us migrate and set up at the start | training for our new developers
| when is our onboarding | walk us through the first steps

designated_customer_success_team: Who is our customer success manager? | quarterly review with our success team
| schedule a meeting with our CSM | our account team doesn't reply | we'd like a customer success contact
| business review with customer success | our CSM changed, please introduce the new one
| is a success manager part of our plan

security_questionnaire_help: Please fill in our vendor security questionnaire | our client sent a 200 question security form, can you help
| complete the attached CAIQ | security assessment for procurement | who answers security questionnaires
| need your answers for our supplier risk review | SIG Lite questionnaire due on Friday
| help with the security section of a tender

support_tier: Which support level do we have? | upgrade us to priority support | what's the difference between standard and priority support
| are we on Priority Plus | we pay for premium support, but get standard | change our support plan
| what does a higher support tier cost | which support package is in our contract
"""

_ADDED = """
ai_requests: How many AI requests do we have left this month? | the AI assistant says our quota is used up | what does an AI request cost
| can we get more requests to the large model | AI requests are refused | buy another AI pack | do long prompts count double
| our agents used up all AI calls

ipv4_addresses: We need a static IPv4 address for the database | our network doesn't support IPv6 | connect from an IPv4-only host
| how much is a dedicated IPv4 | database host resolves to IPv6 only | allowlist a fixed IP in our firewall
| add a second IPv4 address | IPv4 add-on doesn't show up

phone_support: Is there a number we can call? | call us back please, we have phone support | phone line at night isn't answered
| Can we reach you by telephone day and night | what's the hotline number | nobody picks up the phone
| add support by phone | 24/7 telephone support

first_answer: How soon do we get a first answer? | we're promised a first answer within two hours | nobody answered our ticket within the hours promised
| what's the time to first reply on gold support | shorten the time until somebody answers first
| first response took six hours | first answer time in our package | when will somebody look at our ticket for the first time

incident_reviews: We'd like a review of last week's incident with you | post-mortem meeting for the outage | how many incident reviews are included
| root cause report and a call about it | book an incident review | we have an incident review left this month
| can your engineers go through the incident with us | written review after the major incident

named_engineer: Who is our named engineer? | we pay for an engineer who knows our setup | our named engineer is on holiday
| please let our engineer by name take this | change our named engineer | does gold support come with an engineer of our own
| schedule a call with our named engineer | an engineer assigned to us by name

edge_agents: How many edge agents may we install? | activate another agent on a device | edge agent licence is refused
| agent on the new gateway can't be activated | move an edge agent to other hardware | we need ten more edge agents
| agent says licence limit reached | deactivate an agent on a broken machine

support_hours: How many support hours do we have left? | buy ten more hours of support | was our call taken off the prepaid hours
| our support hours expire in December | 45 minutes were booked for a short question | statement of hours used by support
| carry our support hours over to next year | the ticket used more hours than agreed

support_incidents: How many incidents are left in our pack? | does this ticket count as an incident | buy another pack of support incidents
| this shouldn't be counted against our incidents | our prepaid incidents are used up | give back the incident, it was your bug
| pay per incident | number of incidents we used this year

engineer_hours: We'd like to use our engineer hours for a schema review | how many hours of an engineer are left this month
| book an engineer for four hours of consulting | help tuning queries on our engineer hours | unused engineer hours from last month
| can an engineer of yours work with us for a day | engineering time for a migration | buy more hours of your engineers
"""

_NONE = """
none: Please send us the invoice for October again | our VAT number on the invoice is wrong | Thanks, that solved it! | You can close this ticket
| I'd like to apply for the position of backend engineer | I'm out of the office until 12 August with limited access to email
| Automatic reply: on parental leave | Get 10,000 followers cheap, visit our shop | We sell qualified leads for SaaS companies
| Congratulations, you won a prize, click here | our credit card expired, where do I enter the new one | please refund the last payment
| Can you send a quote in euros? | we moved, here is our new billing address | Happy holidays to the whole team
| Would you speak at our conference in May? | We're students and write a thesis about startups, may we interview you
| Your blog post about hiring has a typo | Unsubscribe me from the newsletter | What is the weather like in your office?
| The coffee machine on our third floor is broken | partnership proposal from a marketing agency | please change the purchase order number on our account
| Undelivered mail returned to sender | who is your chief executive | test | asdf asdf | See attached | hello, anybody there?
| When do you open your new office in Berlin | Cancel my subscription | do you have stickers or t-shirts
"""

EXAMPLES: dict[str, tuple[str, ...]] = {
    key: said
    for part in (DATABASE, AUTH, STORAGE_FUNCTIONS, REALTIME, _PLATFORM, _SUPPORT, _ADDED)
    for key, said in _read(part).items()
}
NONE_OF_THESE: tuple[str, ...] = _read(_NONE)["none"]
