"""A believable desk to try: the real price page, a few hundred invented customers in every state, staff of every role.

Everything goes through the actions, in the order it would have happened, so that audit, history and answers are as
they would be in service.
"""
