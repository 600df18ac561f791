"""Compose 파일 하나를 두 런타임(docker, local) 가운데 하나로 띄우고 다루는 도구.

서비스의 목록은 infra/compose/*.yml에만 있다. 여기는 게임도 Django도 모른다.
"""
