"""What flows through the house: types, candidates, prompts, requests, money. Imports nothing of ours."""
